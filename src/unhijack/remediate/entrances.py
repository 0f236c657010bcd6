"""Ways in that are known to be used, as requests that a log shows. Data to be read, not code.

A request that fits proves nothing alone: visitors of good will log in and upload too. It counts
where it stands right before a change, or comes from an address that used what was planted.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from unhijack.parse.logs import Hit

MOST_TARGET = 1024


class Entrance(NamedTuple):
    """One way in."""

    name: str
    methods: tuple[str, ...]
    target: "re.Pattern[str]"
    """In the decoded path and query."""
    answered: tuple[int, ...]
    """Statuses that mean that it may have worked."""
    weight: float
    """0 to 1: how seldom a visitor of good will does this."""
    what: str
    advice: str


_DONE = (200, 201, 204, 301, 302, 303, 500)
_POST = ("POST",)
_UPDATE = "Update it, or remove it if nobody needs it; then change every password and key."
_UPLOAD = (
    "Update the plugin that takes the upload or remove it, and forbid PHP in folders of uploads."
)
_LOGIN = (
    "Change the passwords of all administrators, end all sessions, and ask for a second factor."
)


def _entrance(
    name: str,
    target: str,
    weight: float,
    what: str,
    advice: str,
    methods: tuple[str, ...] = _POST,
    answered: tuple[int, ...] = _DONE,
) -> Entrance:
    return Entrance(
        name, methods, re.compile(target, re.IGNORECASE), answered, weight, what, advice
    )


ENTRANCES: tuple[Entrance, ...] = (
    _entrance(
        "phpunit",
        r"/phpunit/.{0,80}/eval-stdin\.php",
        1.0,
        "PHPUnit's eval-stdin.php, which runs what it is sent",
        "Remove PHPUnit from the server: it belongs on a developer's machine.",
        ("POST", "GET"),
        (200, 500),
    ),
    _entrance(
        "elfinder",
        r"/connector(?:\.minimal|_\w{1,20})?\.php",
        0.95,
        "a file manager that anybody could use",
        "Remove the file manager's plugin, or update it and forbid its connector to strangers.",
        ("POST", "GET", "PUT"),
    ),
    _entrance(
        "thinkphp",
        r"[?&]s=[^&]{0,80}(?:invokefunction|\\think\\|think.app|call_user_func)",
        1.0,
        "ThinkPHP's router, which called any function",
        _UPDATE,
        ("GET", "POST"),
    ),
    _entrance(
        "vbulletin",
        r"ajax/render/widget_php|ajax/api/hook/decodearguments|routestring=ajax/render",
        1.0,
        "vBulletin's widgets, which ran PHP",
        _UPDATE,
        ("GET", "POST"),
    ),
    _entrance(
        "php-cgi",
        r"\?.{0,4}-?[ds](?:\+|\s|%20).{0,20}allow_url_include|allow_url_include\s{0,3}=",
        1.0,
        "PHP as CGI, which took its settings from the address",
        "Update PHP, and run it as FPM.",
        ("GET", "POST"),
        (200, 500),
    ),
    _entrance(
        "drupal-forms",
        r"(?:user/(?:register|password)|file/ajax).{0,200}"
        r"(?:#(?:post_render|markup|value|type|lazy_builder)|element_parents=)",
        1.0,
        "Drupal's forms, which called any function",
        "Update Drupal to the last release of its line.",
        ("GET", "POST"),
        (200, 403, 500),
    ),
    _entrance(
        "laravel-ignition",
        r"/_ignition/execute-solution",
        1.0,
        "Laravel's error page, which ran what it was sent",
        "Update Ignition and turn APP_DEBUG off.",
        answered=(200, 500),
    ),
    _entrance(
        "joomla-media",
        r"option=com_(?:media|jce|jdownloads|foxcontact|fabrik|adsmanager|sexycontactform)\b",
        0.7,
        "an upload of Joomla or of one of its extensions",
        _UPLOAD,
    ),
    _entrance(
        "joomla-config",
        r"/api/index\.php/v1/(?:config|users).{0,60}public=true",
        0.9,
        "Joomla's interface for programs, which gave away its configuration",
        "Update Joomla, and change the password of its database.",
        ("GET",),
        (200,),
    ),
    _entrance(
        "magento-upload",
        r"/(?:customer/address_file/upload|downloader/|cms_wysiwyg/directive|uploader/|"
        r"media/custom_options/)|/rest/[^?]{0,80}/guest-carts/[^?]{0,80}"
        r"(?:totals-information|estimate-shipping-methods|payment-information|order|items)",
        0.7,
        "Magento's shop, by an upload or an order of a guest",
        "Install Magento's last security patches, and forbid PHP below media/.",
        ("POST", "PUT"),
    ),
    _entrance(
        "database-tool",
        r"/(?:adminer|phpmyadmin|pma|myadmin|dbadmin|sqlbuddy|bigdump)[^/]{0,30}(?:\.php|/)",
        0.75,
        "a tool for the database that stood open to all",
        "Remove the tool, or let in known addresses alone; change the database's password.",
    ),
    _entrance(
        "put",
        r"\.(?:php\d?|phtml|phar|jspx?|aspx?)(?:[/;?]|$)",
        1.0,
        "a file that was written by PUT",
        "Turn WebDAV and PUT off.",
        ("PUT", "MOVE", "COPY"),
        (200, 201, 204),
    ),
    _entrance(
        "wp-plugin-install",
        r"/wp-admin/(?:update\.php\?.{0,60}upload-(?:plugin|theme)|"
        r"(?:plugin|theme)-install\.php\?.{0,60}upload)",
        0.8,
        "a plugin or theme that was uploaded by an administrator's account",
        _LOGIN,
    ),
    _entrance(
        "wp-editor",
        r"/wp-admin/(?:network/)?(?:theme|plugin)-editor\.php|action=edit-theme-plugin-file",
        0.8,
        "the editor for themes and plugins, by an administrator's account",
        _LOGIN + " Turn the editor off: DISALLOW_FILE_EDIT.",
    ),
    _entrance(
        "wp-setup",
        r"/wp-admin/(?:install|setup-config)\.php",
        0.9,
        "WordPress' installer, which was left open",
        "Finish or remove the installation that nobody uses.",
        answered=(200, 302),
    ),
    _entrance(
        "wp-plugin-upload",
        r"/wp-content/(?:plugins|themes)/[^?]{1,200}?"
        r"(?:upload|import|fileman|ajax|dropzone|plupload|save|receive)[^/?]{0,60}\.php",
        0.85,
        "an upload of a plugin or theme",
        _UPLOAD,
    ),
    _entrance(
        "wp-ajax",
        r"/wp-admin/admin-(?:ajax|post)\.php\?.{0,200}action=[\w-]{0,60}"
        r"(?:upload|import|file|save|update|install|exec|restore|option)",
        0.6,
        "an action of a plugin that strangers may call",
        _UPLOAD,
    ),
    _entrance(
        "wp-rest",
        r"(?:/wp-json/|[?&]rest_route=/).{0,200}(?:upload|import|file|users|install|batch|exec|option)",
        0.55,
        "WordPress' interface for programs, or a plugin's",
        _UPDATE,
        ("POST", "PUT"),
    ),
    _entrance(
        "upload-script",
        r"[/_-](?:uploadify|kcfinder|ckfinder|fckeditor|jquery.file.upload|"
        r"filemanager|plupload|upload(?:er|file)?|tinymce|server/php)(?:[/_.-][^?]{0,200})?"
        r"(?:\.php|/)(?:[?/]|$)",
        0.75,
        "a script that takes files",
        _UPLOAD,
    ),
    _entrance(
        "wp-xmlrpc",
        r"/xmlrpc\.php(?:\?|$)",
        0.35,
        "XML-RPC, which lets hundreds of passwords be tried in one request",
        _LOGIN + " Close xmlrpc.php.",
        answered=(200,),
    ),
    _entrance(
        "wp-login",
        r"/wp-login\.php(?:\?|$)",
        0.3,
        "a login at wp-login.php",
        _LOGIN,
        answered=(302, 303),
    ),
    _entrance(
        "cms-login",
        r"/administrator/(?:index\.php)?(?:\?|$)|/user/login|/admin(?:istrator|_\w{1,20})?/"
        r"(?:index\.php|login|auth)",
        0.3,
        "a login to the site's back room",
        _LOGIN,
        answered=(302, 303),
    ),
)

_PLUGIN = re.compile(r"/wp-content/(plugins|themes)/([\w.-]{1,100})/|/(?:com|mod|plg)_(\w{1,60})/")


def entrances_of(hit: Hit, target: str) -> Iterator[Entrance]:
    """The ways in that a request fits; `target` is decoded."""
    for entrance in ENTRANCES:
        if (
            hit.method in entrance.methods
            and hit.status in entrance.answered
            and entrance.target.search(target[:MOST_TARGET])
        ):
            yield entrance


def plugin_of(target: str) -> str:
    """The plugin or theme that a request goes to; empty where it goes to none."""
    found = _PLUGIN.search(target[:MOST_TARGET])
    return (found[2] or found[3] or "") if found else ""
