"""What is a secret and what is none; and that no output ever shows one."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from mergeflow.rules.secrets import is_literal, looks_random, secret_in, secret_under
from tests.conftest import Repository, Run

BASH = "airflow.providers.standard.operators.bash.BashOperator"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("AKIA" + "QWERTYUIOPASDFGH", "an AWS key"),
        ("https://shop:hunter2@example.org/x", "a password in a URL"),
        ("postgresql+psycopg://shop:hunter2@host:5432/db", "a password in a URL"),
        ("ghp_" + LETTERS[:36], "a GitHub token"),
        ("glpat-" + LETTERS[:20], "a GitLab token"),
        ("xoxb-1234567890-" + LETTERS[:12].lower(), "a Slack token"),
        ("https://hooks.slack.com/services/T000/B000/" + LETTERS[:20], "a Slack token"),
        ("sk_live_" + LETTERS[:24], "a Stripe key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "a JSON web token"),
        ("SG." + LETTERS[:22] + "." + LETTERS[:43], "a SendGrid key"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", "a private key"),
        ("pypi-AgEIcHlwaS5vcmc" + LETTERS[:50] + LETTERS[:50], "a PyPI token"),
        ("AccountKey=" + "Zz9" * 28 + "Zz==", "an Azure storage key"),
        ("SK" + "0123456789abcdef" * 2, "a Twilio key"),
        ("password = 'hunter2'", "a password"),
        ('{"api_key": "9f86d081884c7d659a2feaa0c55ad015"}', "a password"),
        ("PGPASSWORD=hunter2 psql", "a password"),
        ("cd x; export DB_PASSWD=hunter2", "a password"),
        ("x" * 5000 + " AKIA" + "QWERTYUIOPASDFGH", "an AWS key"),
    ],
)
def test_a_secret_is_known_by_its_form(text: str, what: str) -> None:
    assert secret_in(text) == what


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{{ var.value.password }}",
        "{{ conn.shop.password }}",
        "psql --password={{ conn.shop.password }}",
        "postgresql://shop:{{ conn.shop.password }}@host/db",
        "postgresql://shop:${PASSWORD}@host/db",
        "postgresql://shop:$PASSWORD@host/db",
        "https://<user>:<password>@host",
        "https://user:***@host",
        "http://host:8080/path@2x.png",
        "s3://bucket/key?x=a@b",
        "mailto:ada@example.org",
        "git@example.org:team/repository.git",
        "PGPASSWORD=$(cat /run/secrets/shop) psql",
        "PGPASSWORD=$SHOP psql",
        'PGPASSWORD="$SHOP" psql',
        "password = :password",
        "select password, secret, token from keys where secret = 'yes'",
        'secret_name = "airflow-secrets"',
        "password = 'changeme'",
        "the key: a word",
        "a-task-with-a-long-name-and-a-digit-2",
        "0 3 * * 1-5",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "arn:aws:iam::123456789012:role/shop",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "asia-northeast1-docker.pkg.dev/shop/image:latest",
        "through the night",
    ],
)
def test_what_only_looks_like_a_secret_is_let_be(text: str) -> None:
    assert secret_in(text) == ""


@pytest.mark.parametrize(
    ("key", "value", "is_secret"),
    [
        ("password", "hunter2", True),
        ("PGPASSWORD", "hunter2", True),
        ("smtp_passwd", "p@ss: word", True),
        ("password", 123456, True),
        ("API_TOKEN", "9f86d081884c7d659a2feaa0c55ad015", True),
        ("client_secret", "x8Q~abcDEF123ghiJKL456", True),
        ("password", "", False),
        ("password", True, False),
        ("password", 7, False),
        ("password", None, False),
        ("password", "{{ conn.shop.password }}", False),
        ("password", "$SHOP_PASSWORD", False),
        ("password", "/run/secrets/shop", False),
        ("password", "vault:secret/shop#password", False),
        ("password", "string", False),
        ("password", "********", False),
        ("password", "<password>", False),
        ("password_file", "hunter2", False),
        ("password_conn_id", "shop", False),
        ("secret", "airflow-secrets", False),
        ("secret", "prod-airflow-secrets-v2", False),
        ("token", "shop_token", False),
        ("next_token", 17, False),
        ("tokens", "9f86d081884c7d659a2feaa0c55ad015", False),
        ("key", "orders/2024/01/01.csv", False),
        ("PWD", "/home/shop", False),
    ],
)
def test_a_secret_is_known_by_its_key(key: str, value: object, *, is_secret: bool) -> None:
    assert bool(secret_under(key, value)) is is_secret


@pytest.mark.parametrize(
    ("value", "random"),
    [
        ("9f86d081884c7d659a2feaa0c55ad015", True),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", True),
        ("airflow-fernet-key-2024", False),
        ("generate_transactions_and_labels", False),
        ("1234567890123456", False),
        ("short1", False),
        ("two words 123456789", False),
    ],
)
def test_a_token_is_told_from_a_name(value: str, *, random: bool) -> None:
    assert looks_random(value) is random


def test_a_text_is_literal_unless_it_stands_for_another() -> None:
    assert is_literal("hunter2")
    assert not is_literal(" ")
    assert not is_literal("${PASSWORD}")


SECRETS = ("hunter3", "AKIA" + "QWERTYUIOPASDFGH", "s3cr3t-w0rd", "0ther!")
CONFIG = f"""\
orders:
  shedule: x
  tasks:
    flow:
      {{operator: {BASH}, retries: x, bash_command: a, env: {{A_PASSWORD: "{SECRETS[0]}", B_PASSWORD: {SECRETS[2]}}}}}
    url: {{operator: {BASH}, bash_command: 'curl https://a:{SECRETS[0]}@host', retires: 1}}
    # mergeflow: ignore[plain-secret] so
    ignored: {{operator: {BASH}, bash_command: a, retries: x, env: {{A_PASSWORD: {SECRETS[3]}}}}}
    lines: {{operator: {BASH}, bash_command: "a
      {SECRETS[1]}
      {SECRETS[1]}", retries: y}}
    block:
      operator: {BASH}
      bash_command: |
        {SECRETS[1]}
      retries: z
"""


WAIVER = "waivers: [{rule: plain-secret, dag_id: orders, owner: a, reason: b, until: 9999-01-01}]\n"


@pytest.mark.parametrize("form", ["text", "json", "github", "sarif"])
@pytest.mark.parametrize(
    "policy", ["", "waivers: [{rule: plain-secret, dag_id: orders, owner: a, reason: b, until: 9999-01-01}]\n"]
)
def test_no_output_shows_a_secret(
    repository: Callable[..., Repository], mergeflow: Run, form: str, policy: str
) -> None:
    made = repository({"configs/team/a.yaml": CONFIG, "validators/policy.yaml": policy})
    ran = mergeflow("check", "--all", "--format", form, cwd=made.root)
    assert ran.code == 1
    assert "wrong-type" in ran.out
    assert ("plain-secret" in ran.out) or policy
    for secret in SECRETS:
        assert secret not in ran.out + ran.err


PIECES = (
    "password=",
    "key",
    "aws",
    "://a:",
    "secret_",
    "a/a/a///",
    "eyJ",
    "SG.aaaaaaaaaaaaaaa.",
    "AKIA ",
    "GITHUB_PASSWORD=",
)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", PIECES)
def test_a_long_text_is_searched_to_its_end(piece: str) -> None:
    assert secret_in(piece * (1_000_000 // len(piece))) in ("", "a password")


@pytest.mark.timeout(20)
def test_a_file_of_suspicious_texts_is_checked_to_its_end(repository: Callable[..., Repository]) -> None:
    text = "a:\n  tasks: {}\n  params:\n" + "".join(f"    x{i}: key = {i}\n" for i in range(40_000))
    assert "plain-secret" not in {each.rule for each in repository({"configs/team/a.yaml": text}).check().diagnostics}


def test_what_holds_no_secret_is_checked_without_the_detector(repository: Callable[..., Repository]) -> None:
    config = (
        f"a: {{tasks: {{t: {{operator: {BASH}, bash_command: 'a {{{{ var.value.token }}}}', "
        "env: {PASSWORD: '{{ conn.x.password }}', secret: name-of-it}}}}\n"
    )
    made = repository({"configs/team/a.yaml": config})
    code = (
        "import sys; from mergeflow.cli import run; assert run(['check', '-q']) == 0; "
        "assert 'mergeflow.rules.secrets' in sys.modules and 'detect_secrets' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=made.root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
