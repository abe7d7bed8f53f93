"""Tokens: made once, kept as hashes, of one mode, followed while a server runs, and refused where
others can read them."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import pytest

from omnivenue.api.scope import TOKEN_SCOPES, Scope
from omnivenue.api.tokens import FOLLOWED_EVERY, Token, TokenError, TokenFile, TokenTable
from omnivenue.model import Nanos

AT = Nanos(1_700_000_000_000_000_000)
LATER = Nanos(AT + FOLLOWED_EVERY)


@pytest.fixture
def file(tmp_path: Path) -> TokenFile:
    return TokenFile(tmp_path / "paper", "paper")


def test_the_first_start_makes_a_token_that_may_do_everything(file: TokenFile) -> None:
    path = file.make_first(AT)
    assert path is not None
    assert path == file.folder / "token"
    assert path.stat().st_mode & 0o777 == 0o600
    secret = path.read_text().strip()
    assert secret.startswith("ovp_")
    assert len(secret) == 4 + 43  # 256 bits in base64
    found = TokenTable(file).find(secret, AT)
    assert found is not None
    assert (found.name, found.scope) == ("first", Scope.ADMIN)


def test_later_starts_make_none(file: TokenFile) -> None:
    path = file.make_first(AT)
    assert path is not None
    before = path.read_bytes()
    assert file.make_first(AT) is None
    assert path.read_bytes() == before


def test_a_first_start_that_died_halfway_is_made_again(file: TokenFile) -> None:
    path = file.make_first(AT)
    assert path is not None
    (file.folder / "tokens").unlink()  # as if we had died between the two
    assert file.make_first(AT) == path
    assert TokenTable(file).find(path.read_text().strip(), AT) is not None


@pytest.mark.holds("I23")
def test_the_file_holds_no_secret(file: TokenFile) -> None:
    secret = file.create("bot", Scope.TRADE, AT)
    kept = file.folder / "tokens"
    assert kept.stat().st_mode & 0o777 == 0o600
    content = kept.read_text()
    assert secret not in content
    assert secret.removeprefix("ovp_") not in content
    line = msgspec.json.decode(content, type=Token)
    assert (line.name, line.scope, line.created) == (
        "bot",
        Scope.TRADE,
        "2023-11-14T22:13:20.000000Z",
    )
    assert sorted(p.name for p in file.folder.iterdir()) == ["tokens"]


def test_names_are_unique_and_plain(file: TokenFile) -> None:
    file.create("bot", Scope.READ, AT)
    for name, problem in (
        ("bot", "already"),
        ("", "must be"),
        ("a b", "must be"),
        ("x" * 65, "must be"),
    ):
        with pytest.raises(TokenError, match=problem):
            file.create(name, Scope.READ, AT)
    with pytest.raises(TokenError, match="scope"):
        file.create("open", Scope.PUBLIC, AT)
    assert [token.name for token in file.tokens()] == ["bot"]


def test_no_two_tokens_are_alike(file: TokenFile) -> None:
    assert len({file.create(f"t{n}", Scope.READ, AT) for n in range(20)}) == 20


def test_tokens_made_at_once_do_not_forget_each_other(file: TokenFile) -> None:
    def make(n: int) -> str:
        return TokenFile(file.folder, "paper").create(f"t{n}", Scope.READ, AT)

    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(make, range(32)))
    table = TokenTable(file)
    assert all(table.find(secret, AT) for secret in secrets)


def test_a_running_server_follows_within_half_a_second(file: TokenFile) -> None:
    first = file.create("first", Scope.READ, AT)
    table = TokenTable(file)
    assert table.find(first, AT) is not None
    second = file.create("second", Scope.TRADE, AT)
    assert table.find(second, Nanos(LATER - 1)) is None  # not yet looked again
    assert table.find(second, LATER) is not None
    file.revoke("first")
    assert table.find(first, Nanos(LATER + FOLLOWED_EVERY)) is None
    assert table.find(second, Nanos(LATER + FOLLOWED_EVERY)) is not None


def test_revoking_what_is_not_there_says_so(file: TokenFile) -> None:
    with pytest.raises(TokenError, match="no token ghost"):
        file.revoke("ghost")


def test_a_token_of_another_mode_opens_nothing(tmp_path: Path) -> None:
    paper, live = (TokenFile(tmp_path / mode, mode) for mode in ("paper", "live"))
    secrets = [each.create("bot", Scope.ADMIN, AT) for each in (paper, live)]
    assert [secret[:4] for secret in secrets] == ["ovp_", "ovl_"]
    assert TokenTable(paper).find(secrets[1], AT) is None
    assert TokenTable(live).find(secrets[0], AT) is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o666, 0o777])
def test_a_file_that_others_may_use_is_refused(file: TokenFile, mode: int) -> None:
    file.create("bot", Scope.READ, AT)
    (file.folder / "tokens").chmod(mode)
    with pytest.raises(TokenError, match="chmod 600"):
        TokenTable(file)
    with pytest.raises(TokenError, match="chmod 600"):
        file.make_first(AT)


def test_a_file_of_another_user_is_refused(
    file: TokenFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.create("bot", Scope.READ, AT)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(TokenError, match="belongs to user"):
        TokenTable(file)


def test_a_link_is_refused(file: TokenFile) -> None:
    file.create("bot", Scope.READ, AT)
    kept = file.folder / "tokens"
    kept.rename(file.folder / "elsewhere")
    kept.symlink_to(file.folder / "elsewhere")
    with pytest.raises(TokenError, match="cannot be opened"):
        TokenTable(file)


@pytest.mark.parametrize("content", [b"{", b'{"name":"x"}\n', b"\xff\xfe", b'{"name":1}'])
def test_a_file_that_is_none_of_ours_is_refused(file: TokenFile, content: bytes) -> None:
    file.create("bot", Scope.READ, AT)
    (file.folder / "tokens").write_bytes(content)
    with pytest.raises(TokenError, match="cannot be read"):
        TokenTable(file)


def test_a_file_that_turns_bad_lets_nobody_in(file: TokenFile) -> None:
    secret = file.create("bot", Scope.READ, AT)
    table = TokenTable(file)
    (file.folder / "tokens").chmod(0o644)
    assert table.find(secret, LATER) is None
    (file.folder / "tokens").chmod(0o600)
    assert table.find(secret, Nanos(LATER + FOLLOWED_EVERY)) is not None
    (file.folder / "tokens").unlink()
    assert table.find(secret, Nanos(LATER + 2 * FOLLOWED_EVERY)) is None


@pytest.mark.parametrize("has", TOKEN_SCOPES)
@pytest.mark.parametrize("needs", TOKEN_SCOPES)
def test_a_scope_holds_those_before_it(has: Scope, needs: Scope) -> None:
    assert has.allows(needs) == (TOKEN_SCOPES.index(has) >= TOKEN_SCOPES.index(needs))


def test_tokens_made_before_the_first_start_do_not_keep_it_from_making_its_own(
    file: TokenFile,
) -> None:
    bot = file.create("bot", Scope.READ, AT)
    path = file.make_first(AT)
    assert path is not None
    table = TokenTable(file)
    found = [table.find(secret, AT) for secret in (bot, path.read_text().strip())]
    assert [token and (token.name, token.scope) for token in found] == [
        ("bot", Scope.READ),
        ("first", Scope.ADMIN),
    ]
    assert file.make_first(AT) is None


def test_a_first_token_that_was_revoked_stays_so(file: TokenFile) -> None:
    path = file.make_first(AT)
    assert path is not None
    file.create("mine", Scope.ADMIN, AT)
    file.revoke("first")
    assert file.make_first(AT) is None
    assert [token.name for token in file.tokens()] == ["mine"]


def test_a_home_that_a_token_was_made_in_first_is_for_its_owner_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    TokenFile(home / "paper", "paper").create("bot", Scope.READ, AT)
    assert [each.stat().st_mode & 0o777 for each in (home, home / "paper")] == [0o700, 0o700]
