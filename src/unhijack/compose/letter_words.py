"""Short phrases of letters, by the codes that cases have: conditions, hops, causes, places to look."""

from unhijack.compose.redact import Cleared, OwnHop
from unhijack.compose.tongue import Line, Span, Tongue, _
from unhijack.core.condition import OTHER, Condition
from unhijack.core.text import printable

CONDITION_MESSAGES = {
    "search": _("The visitor comes from a search engine."),
    "social": _("The visitor comes from a social network."),
    "link": _("The visitor follows a link on another website."),
    "link-from": _("The visitor follows a link on {host}."),
    "reported": _("The visitor comes the same way as the person who reported it to us."),
    "direct": _("The visitor opens the address directly."),
    "phone": _("The visitor uses a phone."),
    "desktop": _("The visitor uses a desktop computer."),
    "iphone": _("The visitor uses an iPhone."),
    "app": _("The visitor uses the browser inside the app of a social network."),
    "crawler": _("The visitor is the crawler of a search engine."),
    "no-crawler": _("The visitor is not the crawler of a search engine."),
    "language": _("The visitor's browser asks for this language: {language}."),
    "first-visit": _("The visitor comes for the first time."),
    "returning": _("The visitor has been there before and still has the cookies of the website."),
    "sometimes": _("It does not happen every time: {times} of {visits} such visits."),
    "other-page": _("The visitor opens another page of the website."),
    "no-page": _("The visitor opens a page that does not exist."),
    "other-name": _("The visitor opens the website under its other name, with or without www."),
}
_PLACES = {"link-from": ("host",), "sometimes": ("times", "visits")}
"""Names of the values, in their order."""
UNKNOWN = _("What these visits have in common is not known yet.")


def condition(tongue: Tongue, one: Condition) -> Line:
    """A condition, as a sentence about the visitor."""
    if one.code == OTHER:
        return (Span(printable(one.text, 300), value=True),)
    if one.code == "language":
        name = tongue.language(printable(one.values[0], 20))
        return tongue.say(CONDITION_MESSAGES[one.code], language=name)
    named = zip(_PLACES.get(one.code, ()), one.values, strict=True)
    return tongue.say(
        CONDITION_MESSAGES[one.code], **{name: printable(text) for name, text in named}
    )


_HOPS = {
    "location": _("The server answers with a redirect."),
    "refresh": _("The server answers with a Refresh header."),
    "meta": _("The page contains a refresh to another website."),
    "frame": _("A frame with another website lies over the page."),
    "script": _("A script sends the visitor on."),
    "form": _("A script sends a form to another website."),
    "popup": _("A script opens another website in a new window."),
    "worker": _("A service worker answers in place of the website."),
}


def hop(tongue: Tongue, one: OwnHop) -> Line:
    """How an address sends its visitor on."""
    message = _HOPS.get(one.leads_by, _HOPS["location"])
    status = (Span(" "), Span(f"(HTTP {one.status})", value=True)) if one.status else ()
    return (*tongue.say(message), *status)


_CAUSES = {
    "plugin": _("an outdated plugin or theme"),
    "software": _("outdated software of the website"),
    "password": _("a stolen or guessed password"),
    "upload": _("a form that accepts uploaded files"),
    "tool": _("a file manager or another tool that anybody could use"),
    "neighbour": _("another website in the same hosting account"),
}


_BY_ENTRANCE = {
    **dict.fromkeys(("wp-plugin-upload", "wp-plugin-install", "wp-ajax", "wp-rest"), "plugin"),
    **dict.fromkeys(("thinkphp", "vbulletin", "php-cgi", "drupal-forms"), "software"),
    **dict.fromkeys(("laravel-ignition", "joomla-config", "wp-setup"), "software"),
    **dict.fromkeys(("wp-login", "wp-xmlrpc", "cms-login", "wp-editor"), "password"),
    **dict.fromkeys(("joomla-media", "magento-upload", "put", "upload-script"), "upload"),
    **dict.fromkeys(("phpunit", "elfinder", "database-tool"), "tool"),
}
"""What the ways in that a scan names are called here."""


def cause(tongue: Tongue, code: str) -> Line:
    """A likely cause, by its code or by the way in that a scan named; nothing for any other."""
    message = _CAUSES.get(_BY_ENTRANCE.get(code, code))
    return tongue.say(message) if message else ()


_USUAL = ("plugin", "password")
"""How sites that are made with a content management system are most often broken into."""


def causes(tongue: Tongue, cleared: Cleared) -> tuple[Line, ...]:
    """What a look inside showed; without one, what is usual for the software that was seen."""
    if shown := cause(tongue, cleared.cause):
        return (shown,)
    return tuple(cause(tongue, one) for one in _USUAL if cleared.made_with.cms in CMS)


CMS = {
    "wordpress": (
        "WordPress",
        "index.php, wp-config.php, .htaccess, wp-content/mu-plugins, functions.php, header.php,"
        " footer.php",
        "wp-content/uploads",
    ),
    "joomla": ("Joomla", "index.php, .htaccess, templates, modules, plugins", "images, tmp, cache"),
    "drupal": ("Drupal", "index.php, .htaccess, settings.php, modules, themes", "sites/default/files"),
    "typo3": ("TYPO3", "index.php, .htaccess, typo3conf, TypoScript", "fileadmin, typo3temp"),
    "magento": ("Magento", "index.php, .htaccess, app/etc, app/design, pub", "media, pub/media, var"),
    "opencart": ("OpenCart", "index.php, .htaccess, catalog, admin, system", "image, storage"),
    "prestashop": ("PrestaShop", "index.php, .htaccess, config, themes, modules", "img, upload, var"),
}  # fmt: skip
"""By code: the name, where planted code stands most often, and where no PHP belongs."""

SERVERS = {
    "apache": ("Apache", ".htaccess, httpd.conf, apache2.conf, sites-enabled"),
    "litespeed": ("LiteSpeed", ".htaccess, httpd_config.conf"),
    "nginx": ("nginx", "nginx.conf, conf.d, sites-enabled"),
    "iis": ("IIS", "web.config, applicationHost.config"),
}
"""By code: the name, and the files that configure it."""

PANELS = {"plesk": "Plesk", "cpanel": "cPanel"}
