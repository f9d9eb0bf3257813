"""What a column's texts look like, and whether its values are anybody's business: told from a sample."""

import re
from collections.abc import Collection, Iterable
from itertools import islice, pairwise
from typing import NamedTuple


class Form(NamedTuple):
    """A form that texts have; `regex` is one that Python, PostgreSQL, MySQL, MariaDB and SQLite read alike."""

    regex: str
    called: str
    is_personal: bool = False


FORMS = (
    Form("^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$", "UUIDs"),
    Form("^[^@ ]+@[^@ .]+[.][^@ ]+$", "email addresses", is_personal=True),
    Form("^https?://[^ ]+$", "web addresses"),
    Form("^[A-Z]{2}[0-9]{2}[A-Z0-9 ]{11,40}$", "IBANs", is_personal=True),
    Form("^[+(][0-9 ()./-]{6,24}$", "phone numbers", is_personal=True),
    Form("^[0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}[.][0-9]{1,3}$", "IP addresses", is_personal=True),
    Form("^[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?$", "times of the day"),
    Form("^[0-9a-f]{32,64}$", "hexadecimal digests"),
)
"""The first that fits all is meant."""
FEWEST = 3
"""Different texts that tell a form; of fewer it may be chance."""
LONGEST = 500
"""Characters of a text that may have one."""

_NUMBERED = re.compile(r"([A-Za-z]{1,12}[-_#:./]?)[0-9]+")
_CODE = re.compile(r"[A-Z]{2,5}")
_WORD = re.compile(r"[A-Z]?[a-zà-ÿ]+|[A-Z]+(?![a-z])|\d+")
_PERSONAL = re.compile(
    "e?mails?|courriel|phones?|telephone|telefon|tel|mobile|fax|iban|ssn|passport|birth|birthday|birthdate|birthplace"
    "|naissance|geburtsdatum|dob|surname|firstname|lastname|fullname|forename|prenom|prénom|nom|username|login"
    "|password|passwd|pwd|secret|token|address|adresse|street|ip|salary|cvv"
)
_NAMED_PERSONS = re.compile(
    "(first|last|full|middle|given|family|maiden|user|customer|client|contact|person|patient|employee|owner|display"
    "|holder|cardholder|recipient|sender) name|(credit|debit) card|(card|account) number|(tax|national) id|api key"
)
_IDS = re.compile("ids?|key|uuid|guid|sku|isbn|ean|code|number|nr|num|ref|reference")
"""The last word of what names something."""
_HANDED_OUT = ("id", "ids", "key", "no", "nr", "num", "number")


def form_of(texts: Collection[str]) -> Form | None:
    """The form that all of these different texts have, if it is an obvious one."""
    if len(texts) < FEWEST or max(map(len, texts)) > LONGEST:
        return None
    for form in FORMS:
        if _all_match(re.compile(form.regex), texts):
            return form
    return _numbered(texts) or _code(texts)


def is_personal(column: str) -> bool:
    """Whether a column's name says that its values are somebody's own, or secret."""
    words = words_of(column)
    alone = words == ["name"] or any(map(_PERSONAL.fullmatch, words))
    return alone or any(map(_NAMED_PERSONS.fullmatch, map(" ".join, pairwise(words))))


def is_id(column: str) -> bool:
    """Whether a column's name says that its values name something."""
    words = words_of(column)
    return bool(words) and _IDS.fullmatch(words[-1]) is not None


def grows(column: str) -> bool:
    """Whether its values are ids that are handed out one after another, as codes are not."""
    words = words_of(column)
    return bool(words) and words[-1] in _HANDED_OUT


def words_of(column: str) -> list[str]:
    """The words of a name, `customerId` and `CUSTOMER_ID` alike."""
    return [word.lower() for word in _WORD.findall(column)]


def _numbered(texts: Iterable[str]) -> Form | None:
    """`ORD-0001`: a few letters, always the same, and a number."""
    texts = list(texts)
    found = _NUMBERED.fullmatch(texts[0])
    if found is None or not all(each.startswith(found[1]) and _NUMBERED.fullmatch(each) for each in texts):
        return None
    prefix = re.sub(r"[./]", lambda mark: f"[{mark[0]}]", found[1])
    return Form(f"^{prefix}[0-9]+$", f"`{found[1]}` and a number")


def _code(texts: Iterable[str]) -> Form | None:
    """`EUR`: capital letters, always as many."""
    texts = list(texts)
    length = len(texts[0])
    if not all(len(each) == length and _CODE.fullmatch(each) for each in texts):
        return None
    return Form(f"^[A-Z]{{{length}}}$", f"codes of {length} capital letters")


def _all_match(pattern: re.Pattern[str], texts: Collection[str]) -> bool:
    """The first few decide about most forms; whatever ends in a line break is none."""
    return all(map(pattern.fullmatch, islice(texts, 20))) and all(map(pattern.fullmatch, texts))
