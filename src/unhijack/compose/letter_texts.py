"""What a letter says, as blocks: the opening for each occasion and reader, what was seen, what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from unhijack.compose.document import Block, Fact, Facts, Heading, Literal, Para, Step, Steps, value
from unhijack.compose.letter_kinds import (
    Detail,
    Letterhead,
    Manner,
    Matter,
    Occasion,
    Reader,
    Role,
    Why,
)
from unhijack.compose.letter_words import (
    CMS,
    PANELS,
    SERVERS,
    UNKNOWN,
    cause,
    condition,
    hop,
)
from unhijack.compose.redact import Cleared, OwnHop
from unhijack.compose.tongue import Line, Span, Tongue, _, many
from unhijack.core.text import printable

SUBJECTS = {
    Why.FIRST: _("{host} sends some of its visitors to another site"),
    Why.REFUTED: _("{host} still sends some of its visitors to another site"),
    Why.AGAIN: _("{host} again sends some of its visitors to another site"),
    Why.REMINDER: _("Reminder: {host} sends some of its visitors to another site"),
    Why.PRESERVE: _("{host}: please preserve evidence"),
    Why.CLEAN: _("{host}: no visitor is sent away any more"),
    Why.RETRACTION: _("{host}: our message was wrong, please disregard it"),
}
SUBJECT_OF_MANY = many(
    "{count} website sends some of its visitors to other sites",
    "{count} websites send some of their visitors to other sites",
)

_GREETING = _("Good day,")
_REGARDS = _("Kind regards")
_CASE = _("Case {reference}")
PDF_ATTACHED = _("The same letter is attached as a PDF.")

_OPENINGS = {
    Role.OWNER: _(
        "Your website sends some of its visitors to another website. Most likely neither you nor "
        "the people who look after it have done this."
    ),
    Role.HOSTER: _(
        "A website that is hosted with you sends some of its visitors to another website. It is "
        "most likely the victim of a break-in, and its owner does not know about it."
    ),
    Role.REGISTRAR: _(
        "A website under a domain name that was registered through you sends some of its visitors "
        "to another website. It is most likely the victim of a break-in. Please pass this message "
        "on to the holder of the domain name. We do not ask you to suspend the domain name."
    ),
    Role.CERT: _(
        "A website in your country sends some of its visitors to another website. It is most "
        "likely the victim of a break-in. Those who could mend it were told and have not reacted "
        "so far. Please help us to reach them."
    ),
}
_REFUTED = _(
    "Thank you for telling us that the website was cleaned. We have visited it again in the same "
    "way as before, and it still sends some of its visitors to another website. Often a second "
    "piece of planted code, a back door, brings the first one back."
)
_AGAIN = _(
    "The website was cleaned, and we had verified it. Now it sends some of its visitors to "
    "another website once more. The way in has probably stayed open, or a back door was left "
    "behind."
)
_REMINDER = _(
    "On {date} we sent a message about this website and have had no answer. It still sends some "
    "of its visitors to another website. That is why we now write to you in this way."
)
_EXPLAINED = _(
    "You will probably not see it yourself: it happens to certain visitors only, and not to "
    "somebody who opens the website as usual. As a rule it means that somebody has broken into "
    "the web server and planted code there. This happens to many ordinary websites, and it can be "
    "mended."
)

_FIRST_OF_ALL = _("Do this first")
_FORWARD = _(
    "Forward this message to your web host, or to whoever looks after the website. Please delete "
    "nothing yet: the files and the logs show how somebody got in."
)
_TELL_CUSTOMER = _(
    "Please tell your customer, and help to clean the website. Before anything is changed, please "
    "keep a copy of the files and of the access logs."
)
_FOR_MACHINES = _("A report for automatic processing is attached (XARF 4).")


def opening(
    cleared: Cleared, occasion: Occasion, reader: Reader, tongue: Tongue, *, with_report: bool
) -> Iterator[Block]:
    """What happened, and what to do first."""
    yield Para(tongue.say(_GREETING))
    yield from map(Para, _starts(occasion, reader, tongue))
    yield Literal(cleared.site_url)
    if reader.role is Role.OWNER:
        yield Para(tongue.say(_EXPLAINED))
        yield Heading(tongue.say(_FIRST_OF_ALL))
        yield Para(tongue.say(_FORWARD), strong=True)
    elif reader.role is Role.HOSTER:
        yield Para(tongue.say(_TELL_CUSTOMER), strong=True)
        if with_report:
            yield Para(tongue.say(_FOR_MACHINES))


def _starts(occasion: Occasion, reader: Reader, tongue: Tongue) -> Iterator[Line]:
    """The first sentences. Who stands further off is always told what is asked of them."""
    again = {Why.REFUTED: _REFUTED, Why.AGAIN: _AGAIN}.get(occasion.why)
    known = reader.role in (Role.OWNER, Role.HOSTER)
    if not (known and (again or occasion.why is Why.REMINDER)):
        yield tongue.say(_OPENINGS.get(reader.role, _OPENINGS[Role.CERT]))
    if again:
        yield tongue.say(again)
    elif occasion.why is Why.REMINDER and occasion.earlier is not None:
        yield tongue.say(_REMINDER, date=tongue.day(occasion.earlier))


_SEEN = _("What we saw")
_WHEN = _("When")
_HOW_OFTEN = _("How often")
_OF_VISITS = many(
    "{times} of {count} visit that we made as different visitors",
    "{times} of {count} visits that we made as different visitors",
)
_CONDITIONS = _("It happens under these conditions")
_AT = _("At this address")
_SCRIPT = _("The script")
_IN_THE_PAGE = _("It stands in the page itself.")
_LOADED_FROM = _("It is loaded from {host}.")
_LEADS_TO = _("Visitors are sent to")
_DO_NOT_OPEN = _("Please do not open this address.")
_LIKELY_CAUSE = _("Likely cause")


def seen(cleared: Cleared, tongue: Tongue) -> Iterator[Block]:
    """When, how often, to whom, and how."""
    met = [condition(tongue, one) for one in cleared.conditions] or [tongue.say(UNKNOWN)]
    facts = [
        Fact(tongue.say(_WHEN), (value(tongue.moment(cleared.seen_at)),)),
        Fact(
            tongue.say(_HOW_OFTEN),
            (tongue.count(_OF_VISITS, cleared.visits, times=str(cleared.times)),),
        ),
        Fact(tongue.say(_CONDITIONS), tuple(met)),
    ]
    for one in cleared.own_hops:
        facts += _hop(one, tongue)
    where = (value(cleared.sent_to), tongue.say(_DO_NOT_OPEN))
    facts.append(Fact(tongue.say(_LEADS_TO), where))
    if because := cause(tongue, cleared.cause):
        facts.append(Fact(tongue.say(_LIKELY_CAUSE), (because,)))
    yield Heading(tongue.say(_SEEN))
    yield Facts(tuple(facts))


def _hop(one: OwnHop, tongue: Tongue) -> list[Fact]:
    facts = [Fact(tongue.say(_AT), (value(one.url), hop(tongue, one)))]
    if one.script:
        host = one.script_host
        where = tongue.say(_LOADED_FROM, host=host) if host else tongue.say(_IN_THE_PAGE)
        facts.append(Fact(tongue.say(_SCRIPT), (where, value(f"SHA-256 {one.script}"))))
    return facts


_SHOWN_BY_CURL = frozenset({"location", "refresh", "meta"})
_TRY = _("See it for yourself, safely")
_BY_CURL = _(
    "On Linux or macOS, paste this into a terminal. It asks the website's own server only, as "
    "such a visitor would, and does not follow the redirect. It shows the status and the name of "
    "the host to which visitors would be sent. Once the website is clean, no such host appears."
)
_BY_BROWSER = _(
    "This happens inside a browser, so no simple command can show it. Look at the source of the "
    "page instead: type {prefix} in front of the address, in a browser. That runs nothing and "
    "takes you nowhere."
)
_CODE_LOOKS = _(
    "Look for code that you did not put there. It is often one long line at the very start or end "
    "of the page or of a script file."
)
_NOT_THAT_WAY = _(
    "Please do not open the page under the conditions described above: you would be sent away. "
    "Answer this message, and we repeat the visit for you."
)


def see_for_yourself(cleared: Cleared, replays: Sequence[str], tongue: Tongue) -> Iterator[Block]:
    """How to see it, and not be taken there."""
    yield Heading(tongue.say(_TRY))
    if all(one.leads_by in _SHOWN_BY_CURL for one in cleared.own_hops) and replays:
        yield Para(tongue.say(_BY_CURL))
        yield from (Literal(line, command=True) for line in replays)
        return
    yield Para(tongue.say(_BY_BROWSER, prefix="view-source:"))
    yield Para(tongue.say(_CODE_LOOKS))
    yield Para(tongue.say(_NOT_THAT_WAY))


_TO_DO = _("What to do")
_COPY = _(
    "Copy all files, the database and the access logs, and keep the copy apart from the server."
)
_LOOK = _(
    "Look for files that were changed lately and for files that do not belong there: {places}. In "
    "folders for uploads there should be no PHP files."
)
_LOOK_IN_CMS = _(
    "In {cms}, look at these files and folders first: {places}. These folders should hold no PHP "
    "files: {uploads}."
)
_LOOK_IN_DATABASE = _(
    "Look also at texts and settings that are kept in the database, and at the list of "
    "administrators."
)
_COMPARE_WORDPRESS = _("This command compares WordPress with the original:")
_LOOK_IN_SERVER = _(
    "In the configuration of {server}, look for redirects, rewrite rules and included files that "
    "you do not know: {places}."
)
_LOOK_IN_PANEL = _(
    "In {panel}, look at the redirects, the scheduled tasks and the additional FTP accounts."
)
_SCAN = _(
    "Scan the files. The first command finds planted code and changes nothing. Where nothing can "
    "be installed, the second does the same from a single file; it needs Python alone."
)
_RESTORE = _(
    "Restore a backup from before the break-in, or remove the planted code. Removing the redirect "
    "alone is not enough: a back door usually lies beside it."
)
_UPDATE = _(
    "Update the software of the website with all plugins and themes. Remove what nobody needs."
)
_PASSWORDS = _(
    "Change every password: administration, FTP, SSH, database, hosting account. Delete accounts "
    "that nobody knows."
)
_NEIGHBOURS = _(
    "Check whether other websites on the same account or server behave in the same way."
)
SCANS = ("unhijack scan /var/www", "python3 unhijack-scan.pyz /var/www")
_VERIFY_WORDPRESS = "wp core verify-checksums"


def what_to_do(cleared: Cleared, reader: Reader, tongue: Tongue) -> Iterator[Block]:
    """Steps for the software that was seen; an abuse desk knows the rest."""
    places = list(_places(cleared, tongue))
    if reader.role is Role.HOSTER:
        known = (_RESTORE, _NEIGHBOURS)
        steps = [*places[:1], Step(tongue.say(_SCAN), SCANS), *(Step(tongue.say(x)) for x in known)]
    else:
        last = (_RESTORE, _UPDATE, _PASSWORDS)
        steps = [
            Step(tongue.say(_COPY)),
            *places,
            Step(tongue.say(_SCAN), SCANS),
            *(Step(tongue.say(one)) for one in last),
        ]
    yield Heading(tongue.say(_TO_DO))
    yield Steps(tuple(steps))


def _places(cleared: Cleared, tongue: Tongue) -> Iterator[Step]:
    """Where to look, by what the site is made with."""
    made = cleared.made_with
    if made.cms in CMS:
        cms, places, uploads = CMS[made.cms]
        yield Step(tongue.say(_LOOK_IN_CMS, cms=cms, places=places, uploads=uploads))
        yield Step(tongue.say(_LOOK_IN_DATABASE))
    else:
        yield Step(tongue.say(_LOOK, places="index.html, index.php, .htaccess, *.js"))
    if made.cms == "wordpress":
        yield Step(tongue.say(_COMPARE_WORDPRESS), (_VERIFY_WORDPRESS,))
    if made.server in SERVERS:
        server, places = SERVERS[made.server]
        yield Step(tongue.say(_LOOK_IN_SERVER, server=server, places=places))
    if made.panel in PANELS:
        yield Step(tongue.say(_LOOK_IN_PANEL, panel=PANELS[made.panel]))


_ANSWER = _("Tell us")
_BY_ANSWERING = _("When it is done, answer this message and leave the subject as it is.")
_BY_WRITING = _("When it is done, write an e-mail to {address}.")
_ONE_WORD = _("One of these words at the beginning is enough:")
WORDS = (
    ("CLEAN", _("The website has been cleaned.")),
    ("WRONG", _("You are mistaken.")),
    ("HELP", _("I need help.")),
)
"""What answers are understood by, in every language."""
_OWN_WORDS = _(
    "You may also write in your own words. We then visit the website again in the same way and "
    "tell you what we see."
)
_HARMLESS = _(
    "This message comes from {organisation}. We have only opened public pages of the website, as a "
    "visitor does. We never ask for a password or for money."
)
_CALL = _("If you are not sure that this message comes from us, please call us: {phone}.")
_PAGE = _("You can also follow the case and answer here:")


def answering(
    occasion: Occasion, head: Letterhead, reader: Reader, tongue: Tongue, address: str = ""
) -> Iterator[Block]:
    """How to answer; `address` is named where the letter itself cannot be answered."""
    yield Heading(tongue.say(_ANSWER))
    how = tongue.say(_BY_WRITING, address=address) if address else tongue.say(_BY_ANSWERING)
    yield Para(how)
    yield from _words(tongue)
    if occasion.link and reader.independent:
        yield Para(tongue.say(_PAGE))
        yield Literal(printable(occasion.link, 500), link=True)
    yield from _harmless(head, tongue)


def _words(tongue: Tongue) -> Iterator[Block]:
    steps = (Step((*value(word), Span(" = "), *tongue.say(text))) for word, text in WORDS)
    yield Para(tongue.say(_ONE_WORD))
    yield Steps(tuple(steps), numbered=False)
    yield Para(tongue.say(_OWN_WORDS))


def _harmless(head: Letterhead, tongue: Tongue) -> Iterator[Block]:
    yield Para(tongue.say(_HARMLESS, organisation=head.name(tongue.tag)))
    yield from _doubts(head, tongue)


def _doubts(head: Letterhead, tongue: Tongue) -> Iterator[Block]:
    if head.phone:
        yield Para(tongue.say(_CALL, phone=head.phone))


def regards(head: Letterhead, references: Sequence[str], tongue: Tongue) -> Iterator[Block]:
    """The end of a letter."""
    yield Para(tongue.say(_REGARDS))
    lines = (head.name(tongue.tag), *head.postal, head.phone, head.sender)
    yield from (Literal(line) for line in lines if line)
    yield from (Para(tongue.say(_CASE, reference=one)) for one in references)


_PRESERVE = _(
    "A website that is hosted with you sends some of its visitors to another website. It is most "
    "likely the victim of a break-in. The case is being investigated."
)
_KEEP_UNTIL = _("Please preserve the following until {date}:")
_KEPT = (
    _("the logs of the web server, of FTP and SSH, of mail and of the control panel;"),
    _("an image of the disk, or a copy of the account with the times of all files;"),
    _("a copy of the database."),
)
_TELL_NOBODY = _(
    "Please do not tell the customer yet, and change nothing on the website until we write again."
)
_CONFIRM = _(
    "Please confirm by answering this message. If you need a formal order for this, please say so."
)


def preserving(cleared: Cleared, occasion: Occasion, tongue: Tongue) -> Iterator[Block]:
    """The request to a hoster of a case that is held."""
    assert occasion.until is not None
    yield Para(tongue.say(_GREETING))
    yield Para(tongue.say(_PRESERVE))
    yield Literal(cleared.site_url)
    yield Para(tongue.say(_KEEP_UNTIL, date=tongue.day(occasion.until)))
    yield Steps(tuple(Step(tongue.say(one)) for one in _KEPT), numbered=False)
    yield Para(tongue.say(_TELL_NOBODY), strong=True)
    yield Para(tongue.say(_CONFIRM))


_CLEAN = _(
    "Thank you. We have visited this website again in the same way as before, and no visitor was "
    "sent away any more."
)
_GOES_ON = _("We go on testing it for {days} days and write to you if it comes back.")
_WATCH = _("What to watch from now on")
_WATCHED = (
    _("Install updates soon, or let the software install them by itself."),
    _("From time to time, look at the lists of administrators and of scheduled tasks."),
    _(
        "Look from outside: find the website with a search engine, on a phone, without being "
        "logged in."
    ),
    _("Keep a backup that the server itself cannot change."),
)
DAYS_WATCHED = 90


def thanks(cleared: Cleared, tongue: Tongue) -> Iterator[Block]:
    """It was verified clean."""
    yield Para(tongue.say(_GREETING))
    yield Para(tongue.say(_CLEAN))
    yield Literal(cleared.site_url)
    yield Para(tongue.say(_GOES_ON, days=str(DAYS_WATCHED)))
    yield Heading(tongue.say(_WATCH))
    yield Steps(tuple(Step(tongue.say(one)) for one in _WATCHED), numbered=False)


_RETRACTED = _(
    "On {date} we wrote to you that this website sends some of its visitors to another website. "
    "We were wrong. Please disregard that message: there is nothing that you need to do."
)
_PASS_ON = _(
    "If you have passed our message on, please pass this one on as well. We apologise for the "
    "trouble that we have caused."
)


def retracting(cleared: Cleared, occasion: Occasion, tongue: Tongue) -> Iterator[Block]:
    """The verdict was overturned."""
    assert occasion.earlier is not None
    yield Para(tongue.say(_GREETING))
    yield Para(tongue.say(_RETRACTED, date=tongue.day(occasion.earlier)))
    yield Literal(cleared.site_url)
    yield Para(tongue.say(_PASS_ON))


_MANY = many(
    "{count} website in your care sends some of its visitors to other websites. Most likely "
    "neither you nor the people who look after it have done this.",
    "{count} websites in your care send some of their visitors to other websites. Most likely "
    "neither you nor the people who look after them have done this.",
)
SUBJECT_OF_SEVERAL = _("Several messages about websites in your care")
_SEVERAL = _(
    "This message brings several messages together, so that you get no more than one a day."
)
_EACH = _("Each of them is described in full below.")
_SEPARATELY = _("Please answer for each website separately, at the address that stands with it.")
_ANSWER_TO = _("Answer to")


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A letter in a digest."""

    subject: str
    reference: str
    answer_to: str


def opening_of_many(
    enclosed: Sequence[Enclosed], reader: Reader, tongue: Tongue, *, hijacked: bool
) -> Iterator[Block]:
    """The beginning of a digest: subject, reference and answering address of each letter.

    `hijacked`: all of them say that a site sends visitors away.
    """
    yield Para(tongue.say(_GREETING))
    yield Para(tongue.count(_MANY, len(enclosed)) if hijacked else tongue.say(_SEVERAL))
    yield Facts(tuple(Fact(value(one.subject), enclosed_lines(one, tongue)) for one in enclosed))
    if hijacked and reader.role is Role.OWNER:
        yield Para(tongue.say(_EXPLAINED))
        yield Heading(tongue.say(_FIRST_OF_ALL))
        yield Para(tongue.say(_FORWARD), strong=True)
    if hijacked:
        yield Para(tongue.say(_EACH))
    yield Para(tongue.say(_SEPARATELY))


def enclosed_lines(one: Enclosed, tongue: Tongue) -> tuple[Line, Line]:
    """What stands with each letter of a digest."""
    where = (*tongue.say(_ANSWER_TO), Span(": "), *value(one.answer_to))
    return (tongue.say(_CASE, reference=one.reference), where)


def body(matter: Matter, reader: Reader, manner: Manner, tongue: Tongue) -> Iterator[Block]:
    """What was seen and what to do; nothing of it where little detail is wanted."""
    if manner.detail is Detail.MINIMAL:
        return
    yield from seen(matter.cleared, tongue)
    yield from see_for_yourself(matter.cleared, matter.replays, tongue)
    if reader.role in (Role.OWNER, Role.HOSTER):
        yield from what_to_do(matter.cleared, reader, tongue)


def letter(
    matter: Matter,
    head: Letterhead,
    reader: Reader,
    manner: Manner,
    tongue: Tongue,
    address: str = "",
) -> Iterator[Block]:
    """All that one letter says, in one language; `address` as in `answering`."""
    cleared, occasion = matter.cleared, matter.occasion
    match occasion.why:
        case Why.PRESERVE:
            yield from preserving(cleared, occasion, tongue)
            yield from _doubts(head, tongue)
        case Why.CLEAN:
            yield from thanks(cleared, tongue)
        case Why.RETRACTION:
            yield from retracting(cleared, occasion, tongue)
            yield from _doubts(head, tongue)
        case _:
            yield from opening(cleared, occasion, reader, tongue, with_report=not address)
            yield from body(matter, reader, manner, tongue)
            yield from answering(occasion, head, reader, tongue, address)
    yield from regards(head, (occasion.reference,), tongue)
