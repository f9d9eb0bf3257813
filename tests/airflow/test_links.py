"""Links to a file's line and to a commit, from what people give as a Git remote."""

import pytest

from mergeflow.airflow.links import Remote, remote_of

COMMIT = "4c1d02e"
AZURE = "https://dev.azure.com/shop/Data%20Platform/_git/configs"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/srv/git/configs.git",
        "../configs",
        "file:///srv/git/github.com/shop/configs",
        "C:\\git\\configs",
        "https://git.shop.example/shop/configs.git",
        "https://github.com.evil.example/shop/configs",
        "https://github.com@evil.example/shop/configs",
        "git@work:shop/configs.git",
        "https://github.com/",
        "https://github.com/shop",
        "https://github.com/../configs",
        "https://github.com/shop//configs",
        "https://github.com/shop/con\nfigs%0a",
        "https://[::1/shop/configs",
    ],
)
def test_no_link_where_the_host_is_not_known_for_sure(url: str) -> None:
    assert remote_of(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/shop/configs",
        "https://github.com/shop/configs.git/",
        "https://GitHub.com/shop/configs.git",
        "https://ada:s3cr3t@github.com/shop/configs.git",
        "https://s3cr3t@github.com:443/shop/configs",
        "ssh://git@github.com/shop/configs.git",
        "ssh://git@ssh.github.com:443/shop/configs.git",
        "git://github.com/shop/configs.git",
        "git@github.com:shop/configs.git",
        "git@github.com:/shop/configs",
        "github.com:shop/configs",
    ],
)
def test_every_way_to_write_a_remote_names_the_same_repository_and_nobody(url: str) -> None:
    assert remote_of(url) == Remote("github.com", "shop/configs")


@pytest.mark.parametrize(
    ("url", "file", "commit"),
    [
        (
            "git@github.com:shop/configs.git",
            "https://github.com/shop/configs/blob/4c1d02e/configs/fx.yaml#L3",
            "https://github.com/shop/configs/commit/4c1d02e",
        ),
        (
            "https://gitlab.com/shop/data/configs.git",
            "https://gitlab.com/shop/data/configs/-/blob/4c1d02e/configs/fx.yaml#L3",
            "https://gitlab.com/shop/data/configs/-/commit/4c1d02e",
        ),
        (
            "https://ada@bitbucket.org/shop/configs.git",
            "https://bitbucket.org/shop/configs/src/4c1d02e/configs/fx.yaml#lines-3",
            "https://bitbucket.org/shop/configs/commits/4c1d02e",
        ),
        (
            "ssh://git@codeberg.org/shop/configs.git",
            "https://codeberg.org/shop/configs/src/commit/4c1d02e/configs/fx.yaml#L3",
            "https://codeberg.org/shop/configs/commit/4c1d02e",
        ),
        (
            "git@ssh.dev.azure.com:v3/shop/Data%20Platform/configs",
            f"{AZURE}?version=GC4c1d02e&path=/configs/fx.yaml&line=3&lineEnd=4&lineStartColumn=1&lineEndColumn=1",
            f"{AZURE}/commit/4c1d02e",
        ),
    ],
)
def test_each_host_has_its_own_addresses(url: str, file: str, commit: str) -> None:
    remote = remote_of(url)
    assert remote
    assert remote.file("configs/fx.yaml", COMMIT, 3) == file
    assert remote.commit(COMMIT) == commit


def test_azure_is_one_repository_by_https_and_by_ssh() -> None:
    by_https = remote_of("https://shop@dev.azure.com/shop/Data%20Platform/_git/configs")
    assert by_https == remote_of("git@ssh.dev.azure.com:v3/shop/Data%20Platform/configs")


def test_a_path_cannot_leave_its_link() -> None:
    link = Remote("github.com", "shop/configs").file("configs/a b)](x#?%\udcff\n.yaml", COMMIT)
    assert link == "https://github.com/shop/configs/blob/4c1d02e/configs/a%20b%29%5D%28x%23%3F%25%FF%0A.yaml"
