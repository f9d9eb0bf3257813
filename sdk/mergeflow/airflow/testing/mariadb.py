"""A throw-away MariaDB server, from Debian's binaries: what Debian gives for MySQL."""

import shutil
import signal

from mergeflow.airflow.testing.server import HOST, Server


class MariadbServer(Server):
    """MariaDB."""

    package = "mariadb-server"
    account = "mysql"
    drivername = "mysql+pymysql"
    stop_signal = signal.SIGTERM
    first_database = "mysql"

    @classmethod
    def found(cls) -> str:
        """The path of the server, where what makes its data is there, too."""
        return _server() if shutil.which("mariadb-install-db") else ""

    def install(self) -> None:
        """Make its data folder, and let nobody in but the one user."""
        file = self.folder / "init.sql"  # one statement per line, run at each start
        file.touch(mode=0o600)
        file.write_text("".join(f"{each};\n" for each in self.statements()), encoding="utf-8")
        shutil.chown(file, *self.owner())
        command = ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder / 'data'}", "--skip-test-db"]
        self.run([*command, "--auth-root-authentication-method=normal"])

    def statements(self) -> list[str]:
        """What is run at each start."""
        password = self.password.replace("\\", "\\\\").replace("'", "''")
        return [
            f"CREATE USER IF NOT EXISTS {self.user} IDENTIFIED BY '{password}'",
            f"GRANT ALL ON *.* TO {self.user} WITH GRANT OPTION",
            "DELETE FROM mysql.global_priv WHERE User = ''",
            "FLUSH PRIVILEGES",
        ]

    def command(self) -> list[str]:
        """The server; its socket's path is relative, since a whole one might be too long."""
        where = [f"--datadir={self.folder / 'data'}", "--socket=socket", f"--pid-file={self.folder / 'pid'}"]
        network = [f"--bind-address={HOST}", f"--port={self.port}"]
        quick = ["--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"]
        return [_server(), "--no-defaults", f"--init-file={self.folder / 'init.sql'}", *where, *network, *quick]


def _server() -> str:
    """Debian keeps it in a folder that only root has on the PATH."""
    return shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin") or ""
