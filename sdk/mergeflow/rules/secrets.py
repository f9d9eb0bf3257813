"""What a secret looks like: by the key that it stands under, and by its form, which detect-secrets knows.

detect-secrets takes a tenth of a second to import. So a pattern that lets through all that it could find goes first.
"""

import re
from functools import cache
from importlib import import_module
from itertools import islice
from typing import Any

PASSWORDS = ("password", "passwd", "passphrase", "pwd")
"""How a key ends whose value is a password, whatever it looks like."""
TOKENS = ("secret", "token", "api_key", "apikey", "api-key", "access_key", "private_key", "secret_key", "auth_key",
          "account_key")  # fmt: skip
"""How a key ends whose value may be a secret or the name of one: it is one where it looks random."""

SHORTEST_TOKEN = 16
FEWEST_DIGITS = 1000
"""The smallest number that is taken for a password: below it, a key `pwd` may mean something else."""

_DETECTORS = (
    ("aws", "AWSKeyDetector", "an AWS key"),
    ("azure_storage_key", "AzureStorageKeyDetector", "an Azure storage key"),
    ("basic_auth", "BasicAuthDetector", "a password in a URL"),
    ("discord", "DiscordBotTokenDetector", "a Discord token"),
    ("github_token", "GitHubTokenDetector", "a GitHub token"),
    ("gitlab_token", "GitLabTokenDetector", "a GitLab token"),
    ("jwt", "JwtTokenDetector", "a JSON web token"),
    ("mailchimp", "MailchimpDetector", "a Mailchimp key"),
    ("npm", "NpmDetector", "an npm token"),
    ("openai", "OpenAIDetector", "an OpenAI key"),
    ("private_key", "PrivateKeyDetector", "a private key"),
    ("pypi_token", "PypiTokenDetector", "a PyPI token"),
    ("sendgrid", "SendGridDetector", "a SendGrid key"),
    ("slack", "SlackDetector", "a Slack token"),
    ("square_oauth", "SquareOAuthDetector", "a Square token"),
    ("stripe", "StripeDetector", "a Stripe key"),
    ("telegram_token", "TelegramBotTokenDetector", "a Telegram token"),
    ("twilio", "TwilioKeyDetector", "a Twilio key"),
    ("keyword", "KeywordDetector", "a password"),
)
"""detect-secrets' detectors by module and class, and what they find; those that only measure entropy cry wolf."""

_SUSPECT = re.compile(
    r"(?:A3T[A-Z0-9]|ABIA|ACCA|AKIA|ASIA)[0-9A-Z]{16}"
    r"|AccountKey=|://[^/\s:@]*:[^/\s@]+@|gh[pousr]_|gl[a-z]{2,5}-|GR1348941|eyJ[\w-]{10}|-us[0-9]{1,2}\b"
    r"|_authToken|sk-[\w-]{20}|-----BEGIN|pypi-AgE|SG\.[\w-]{10}|xox[a-z]-|hooks\.slack\.com/services/"
    r"|sq0csp-|[rs]k_live_|\d{8,10}:[\w-]{35}|(?:AC|SK)[a-z0-9]{32}|[MNO][\w-]{23,25}\.[\w-]{6}\.[\w-]{27}"
    r"|aws.{0,40}(?:key|pwd|pw|pass|token)|(?:pass|pwd|secret|key)\w{0,40}[\"'\])]{0,3}\s{0,9}[:=]",
    re.IGNORECASE,
)
"""Where one of the detectors may find something; every repetition is bounded, as a text may be long."""
_AROUND, _BEYOND, _MOST = 200, 300, 20
"""How much of a text before and after such a place the detectors see, and how many places of one text."""

_ASSIGNED = re.compile(r"(?:^|[\s;])\w*(?:PASSWORD|PASSWD|PASSPHRASE)=([^\s\"'`;|&]{4,})")
"""In a shell's line, where no quotes are needed."""
_IN_URL = re.compile(r"://[^/\s:@]*:([^/\s@]+)@")
_NAMED_PASSWORD = re.compile(r"(?:password|passwd|passphrase|pwd)[\"'\])]{0,3}\s{0,9}[:=]", re.IGNORECASE)
_REFERENCE = re.compile(
    r"[a-z][a-z0-9+.-]*:/|(?:arn|vault|ssm|env|file|op|ref|secrets?|sm):|\.{0,2}/|~/|\$|%\(|\+", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    r"<.*>|\[.*\]|x+|[.*_…-]+|none|null|true|false|(?:var)?char.*|str(?:ing)?|text|redacted|masked|hidden|placeholder"
    r"|change[-_ ]?me|to[-_ ]?do|your[-_ ].*|example.*|dummy|fake",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9+/=_.~-]+")
_NAME = re.compile(r"[A-Za-z]+\d{0,4}|\d{0,4}")


def secret_under(key: str, value: object) -> str:
    """What a value is, going by its key: a secret's description, or nothing."""
    name = key.lower()
    if name.endswith(PASSWORDS):
        is_number = type(value) is int and value >= FEWEST_DIGITS
        return f"the value of `{key}`" if is_number or (isinstance(value, str) and is_literal(value)) else ""
    is_token = name.endswith(TOKENS) and isinstance(value, str) and is_literal(value) and looks_random(value)
    return f"the value of `{key}`" if is_token else ""


def secret_in(text: str) -> str:
    """What kind of secret stands somewhere in a text, or nothing."""
    for found in islice(_SUSPECT.finditer(text), _MOST):
        what = _detected(text[max(0, found.start() - _AROUND) : found.end() + _BEYOND])
        if what:
            return what
    assigned = _ASSIGNED.search(text)
    return "a password" if assigned and is_literal(assigned[1]) else ""


def may_hold_one(text: str) -> bool:
    """Whether `secret_in` must be asked, which takes a hundred times as long."""
    return _SUSPECT.search(text) is not None


def is_literal(value: str) -> bool:
    """Whether a text is meant as it stands: no Jinja, no variable, no path, no reference, no placeholder."""
    value = value.strip()
    if not value or "{{" in value or "{%" in value or "${" in value:
        return False
    return not (_REFERENCE.match(value) or _PLACEHOLDER.fullmatch(value))


def looks_random(value: str) -> bool:
    """Whether a text is a token rather than a name: long, letters and digits mixed within its parts."""
    if len(value) < SHORTEST_TOKEN or not _TOKEN.fullmatch(value):
        return False
    return not all(_NAME.fullmatch(part) for part in re.split(r"[-_./~=+]", value))


def _detected(text: str) -> str:
    for line in text.splitlines():
        for detector, what in _detectors():
            for secret in detector.analyze_string(line):
                if _is_meant(secret, what, line):
                    return what
    return ""


def _is_meant(secret: str, what: str, line: str) -> bool:
    """Whether what a detector found is a secret and not a variable, a path or a port."""
    if what == "a password in a URL":
        return any(is_literal(each) for each in _IN_URL.findall(line))
    if what == "a password":
        plain = is_literal(secret) and not re.search(r"\s", secret)
        return plain and (looks_random(secret) or _NAMED_PASSWORD.search(line) is not None)
    return True


@cache
def _detectors() -> tuple[tuple[Any, str], ...]:
    """An instance of each detector; only what it does with a text is used, never what asks a server."""
    return tuple(
        (getattr(import_module(f"detect_secrets.plugins.{module}"), name)(), what) for module, name, what in _DETECTORS
    )
