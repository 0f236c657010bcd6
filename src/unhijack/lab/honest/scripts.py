"""Honest sites whose scripts do much: what a script tier has to let pass."""

from urllib.parse import quote

from unhijack.lab.honest.moves import APP, STORE
from unhijack.lab.plots import Answer, Plot, Tier, Trait, shown, small
from unhijack.lab.scripted import LIBRARY, file, tag
from unhijack.lab.wire import TownRequest, TownResponse


def _page(
    head: str = "", foot: str = "", files: dict[str, str] | None = None, more: str = "A page."
) -> Answer:
    """The site's page with scripts in it; OTHER, SERVICE and HOST stand for hosts."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        def named(text: str) -> str:
            hosts = {"OTHER": plot.other, "SERVICE": plot.service, "HOST": plot.host}
            for word, host in hosts.items():
                text = text.replace(f"//{word}", request.relative(host, ""))
            return text

        if request.path in (files or {}):
            return file(named((files or {})[request.path]))
        if request.path.startswith("/own/"):
            return small(plot.site.title, more)
        return shown(plot, request, named(head), body=named(foot))

    return answer


def _head(script: str, foot: str = "", files: dict[str, str] | None = None) -> Trait:
    return Trait(_page(tag(script), foot, files), tier=Tier.SCRIPT)


def _foot(foot: str, files: dict[str, str] | None = None, head: str = "") -> Trait:
    return Trait(_page(head, foot, files), tier=Tier.SCRIPT)


def _partner(head: str, script: str) -> Trait:
    """The script comes from the other party, as it does for most sites."""

    def answer(plot: Plot, request: TownRequest) -> TownResponse:
        def named(text: str) -> str:
            return text.replace("SERVICE", f"cdn.{plot.service}").replace("HOST", plot.host)

        if request.path.endswith(".js"):
            return file(named(script))
        if not plot.is_home(request):
            return small("Elsewhere", "A page of somebody else.")
        return shown(plot, request, named(head))

    return Trait(answer, abroad=True, tier=Tier.SCRIPT)


def _amp(plot: Plot, request: TownRequest) -> TownResponse:
    """Names its quick page, and goes there for nobody."""
    link = f'<link rel="amphtml" href="{request.link(plot.host, "/own/amp")}">\n'
    ready = tag("if(/google/.test(document.referrer)){document.documentElement.className+=' s';}")
    return (
        small("Quick", "Quick.")
        if request.path == "/own/amp"
        else shown(plot, request, link + ready)
    )


def _challenge(plot: Plot, request: TownRequest) -> TownResponse:
    """Sums something up, notes that it did, and loads the page again."""
    if request.cookie("cleared"):
        return shown(plot, request)
    sums = (
        "(function(){var n=0;for(var i=0;i<9999;i++){n=(n*31+i)%65521;}"
        "document.cookie='cleared='+n+'; path=/; max-age=1800';"
        "setTimeout(function(){location.reload();},1500);})();"
    )
    return small("Just a moment...", "Checking your browser.", 503, head=tag(sums))


def _mobile(plot: Plot, request: TownRequest) -> TownResponse:
    """Phones go to m. of the same domain."""
    if request.host.startswith("m."):
        return small(plot.site.title, "For phones.")
    target = request.link(f"m.{plot.host}", "/")
    script = (
        f"if(/Android|iPhone|Mobile/i.test(navigator.userAgent)){{location.replace('{target}');}}"
    )
    return shown(plot, request, tag(script))


def _sister(plot: Plot, request: TownRequest) -> TownResponse:
    """Everybody goes to the company's new name."""
    return small(
        "We have moved",
        "Our new address.",
        head=tag(f"window.location.href='{request.link(plot.other, '/')}';"),
    )


def _sister_delayed(plot: Plot, request: TownRequest) -> TownResponse:
    """The same in ten seconds, with a link for those who cannot wait."""
    target = request.link(plot.other, "/")
    script = f"setTimeout(function(){{location='{target}';}},10000);"
    return small("New address", f'<a href="{target}">Go there</a>', head=tag(script))


def _parked(plot: Plot, request: TownRequest) -> TownResponse:
    """A parking service's script fetches adverts for everybody."""
    target = request.link(plot.service, f"/lander?d={plot.host}")
    return small(plot.host, "", head=tag(f"window.location.replace('{target}');"))


def _warning(plot: Plot, request: TownRequest) -> TownResponse:
    """You are leaving our site: links out go by a page that says so and waits."""
    target = request.link(plot.other, "/")
    if request.path == "/leaving":
        text = f'<p>You are leaving us.</p><a id="go" href="{target}">Continue</a>'
        return small("Leaving", text)
    return shown(plot, request, body=f'<a href="/leaving?to={quote(target, safe="")}">Club</a>\n')


def _https(plot: Plot, request: TownRequest) -> TownResponse:
    script = "if(location.protocol==='http:'&&location.hostname!=='localhost'){location.protocol='https:';}"
    return shown(plot, request, tag(script))


def _paid(plot: Plot, request: TownRequest) -> TownResponse:
    """The till's form goes to a payment service when the buyer presses the button."""
    action = request.link(plot.service, "/pay")
    form = (
        f'<form id="till" method="post" action="{action}"><input name="sum" value="20">'
        '<button type="submit">Pay</button></form>\n'
        "<script>document.getElementById('till').addEventListener('submit',function(e){"
        "if(!this.sum.value){e.preventDefault();}});</script>\n"
    )
    return shown(plot, request, body=form)


def _search_box(plot: Plot, request: TownRequest) -> TownResponse:
    """Search on the site by an engine, in a window of its own."""
    action = request.link(plot.service, "/search")
    form = (
        f'<form action="{action}" target="_blank"><input name="q"><button>Search</button></form>\n'
    )
    script = tag("document.forms[0].q.addEventListener('change',function(){this.form.submit();});")
    return shown(plot, request, body=form + script)


_MANAGER = (
    "(function(w,d,s,l,i){w[l]=w[l]||[];w[l].push({'tm.start':new Date().getTime(),event:'tm.js'});"
    "var f=d.getElementsByTagName(s)[0],j=d.createElement(s),dl=l!='dataLayer'?'&l='+l:'';"
    "j.async=true;j.src='//SERVICE/tm.js?id='+i+dl;f.parentNode.insertBefore(j,f);"
    "})(window,document,'script','dataLayer','TM-X7');"
)
_MANAGED = (
    "(function(){var dl=window.dataLayer=window.dataLayer||[];var tags=[function(){"
    "var i=new Image();i.src='//SERVICE/p.gif?u='+encodeURIComponent(location.href)+'&r='+"
    "encodeURIComponent(document.referrer);}];if(/google|bing/.test(document.referrer))"
    "{dl.push({channel:'organic'});}tags.forEach(function(t){t();});})();"
)
_ANALYTICS = (
    "(function(){var s=document.referrer,k=/google|bing|yahoo/.test(s)?'search':'direct';"
    "if(document.cookie.indexOf('_id=')<0){document.cookie='_id='+Math.random()+';path=/';}"
    "if(navigator.sendBeacon){navigator.sendBeacon('//SERVICE/c',k+'|'+location.pathname);}"
    "setTimeout(function(){new Image().src='//SERVICE/t.gif?k='+k;},30000);})();"
)
_CONSENT = (
    "document.addEventListener('DOMContentLoaded',function(){"
    "if(document.cookie.indexOf('consent=')>=0){return;}var b=document.createElement('div');"
    'b.innerHTML=\'<p>Cookies?</p><button id="yes">Yes</button><button id="no">No</button>'
    '<a href="/own/privacy">More</a>\';document.body.appendChild(b);'
    "b.addEventListener('click',function(e){document.cookie='consent='+e.target.id+';path=/';"
    "b.style.display='none';});});"
)
_LANGUAGE = (
    "document.addEventListener('DOMContentLoaded',function(){var l=navigator.language||'en';"
    "if(l.slice(0,2)!==document.documentElement.lang){var p=document.createElement('p');"
    "p.innerHTML='<a href=\"//OTHER/\">Read this in your language</a>';"
    "document.body.insertBefore(p,document.body.firstChild);}});"
)
_BUSTER = "if(top!==self){top.location=self.location;}"
_BANNER = (
    "if(/Android/.test(navigator.userAgent)&&document.cookie.indexOf('app=')<0){"
    "document.addEventListener('DOMContentLoaded',function(){var b=document.createElement('a');"
    f"b.href='http://{STORE}{APP}';b.textContent='Get our app';b.className='banner';"
    "document.body.insertBefore(b,document.body.firstChild);});}"
)
_APP_BUTTON = (
    "<button id=\"app\">Get the app</button>\n<script>document.getElementById('app').onclick="
    f"function(){{location.href='http://{STORE}{APP}';}};</script>\n"
)
_CHAT = (
    "(function(){var f=document.createElement('iframe');f.src='//SERVICE/chat';"
    "f.style.cssText='position:fixed;bottom:10px;right:10px;width:320px;height:60px;border:0;"
    "z-index:9999';document.body.appendChild(f);})();"
)
_VARIANT = (
    "var v=(document.cookie.match(/ab=(\\w)/)||[])[1]||(Math.random()<.5?'a':'b');"
    "document.cookie='ab='+v+';path=/';if(v==='b'&&location.pathname==='/')"
    "{location.replace('/own/b');}"
)
_LAZY = (
    "document.addEventListener('DOMContentLoaded',function(){var o='IntersectionObserver' in window"
    "?new IntersectionObserver(function(es){es.forEach(function(e){if(e.isIntersecting){"
    "e.target.src=e.target.dataset.src;}});}):null;"
    "document.querySelectorAll('img[data-src]').forEach(function(i){if(o){o.observe(i);}});});"
)
_ROUTER = (
    "(function(){function show(p){document.title=p;}document.addEventListener('click',function(e){"
    "var a=e.target.closest&&e.target.closest('a');if(a&&a.host===location.host){"
    "e.preventDefault();history.pushState({},'',a.href);show(a.pathname);}});"
    "window.addEventListener('popstate',function(){show(location.pathname);});"
    "history.replaceState({},'','/');show('/');})();"
)
_TIMEOUT = (
    "var t;function again(){clearTimeout(t);t=setTimeout(function(){location.href='/own/login?t=1';},"
    "45000);}['click','keydown','mousemove'].forEach(function(n){document.addEventListener(n,again);"
    "});again();"
)
_PRINT = '<button onclick="window.print();return false">Print</button>\n'
_COUNTDOWN = (
    '<p>Tickets in <span id="n">10</span></p>\n<script>var n=10,i=setInterval(function(){n--;'
    "document.getElementById('n').textContent=n;if(n<1){clearInterval(i);"
    "location.href='/own/tickets';}},1000);</script>\n"
)
_SHARE = (
    '<button class="share" data-to="//SERVICE/sharer?u=">Share</button>\n'
    "<script>document.querySelector('.share').addEventListener('click',function(){"
    "window.open(this.dataset.to+encodeURIComponent(location.href),'share','width=600,height=400');"
    "});</script>\n"
)
_SHARE_DELEGATED = (
    '<a class="share" href="//SERVICE/sharer">Share</a>\n'
    "<script>document.addEventListener('click',function(e){var a=e.target;"
    "if(a&&a.className==='share'){e.preventDefault();window.open(a.href,'s','width=600');}});"
    "</script>\n"
)
_OUTBOUND = (
    '<a href="//OTHER/">Our friends</a>\n<script>document.querySelectorAll("a[href^=\'//\']")'
    ".forEach(function(a){a.href='/own/out?u='+encodeURIComponent(a.href);});</script>\n"
)
_OUTBOUND_CLICK = (
    '<a href="//OTHER/">Our friends</a>\n<script>document.addEventListener("click",function(e){'
    "var a=e.target.closest?e.target.closest('a'):null;if(a&&a.host&&a.host!==location.host){"
    "e.preventDefault();setTimeout(function(){location.href=a.href;},150);}});</script>\n"
)
_ADVERT = (
    "document.addEventListener('DOMContentLoaded',function(){var f=document.createElement('iframe');"
    "f.src='//SERVICE/banner?z=7';f.width=300;f.height=250;f.frameBorder=0;"
    "document.body.appendChild(f);});"
)
_SLOT = (
    "document.write('<scr'+'ipt src=\"//SERVICE/slot.js?r='+encodeURIComponent(document.referrer)+"
    "'\"></scr'+'ipt>');"
)
_SLOTTED = (
    'document.write(\'<iframe src="//SERVICE/banner" width="728" height="90" '
    'scrolling="no"></iframe>\');'
)
_WALL = (
    "if(document.cookie.indexOf('ok=')<0&&location.pathname!=='/own/cookies'){"
    "location.replace('/own/cookies?back='+encodeURIComponent(location.pathname));}"
)
_POLYFILL = (
    "if(!('fetch' in window)||!window.Promise||!Array.prototype.includes){var s=document"
    ".createElement('script');s.src='//SERVICE/polyfill.js';document.head.appendChild(s);}"
)
_AGE = (
    '<div id="age"><p>Are you 18?</p><button onclick="document.getElementById(\'age\').hidden=true">'
    "Yes</button><button onclick=\"location.href='//OTHER/'\">No</button></div>\n"
)
_REFRESH = '<meta http-equiv="refresh" content="60">\n'
_RELOAD = "setTimeout(function(){location.reload(true);},60000);"
_SLIDER = (
    "PQ.ready(function(){var n=0,all=document.querySelectorAll('figure');setInterval(function(){"
    "for(var i=0;i<all.length;i++){all[i].style.display=i===n?'block':'none';}"
    "n=(n+1)%(all.length||1);},4000);PQ('nav a').on('click',function(){window.last=this.href;});});"
)
_OFFLINE = (
    "var C='v3';self.addEventListener('install',function(e){e.waitUntil(caches.open(C).then("
    "function(c){return c.addAll(['/','/style.css']);}));});\n"
    "self.addEventListener('fetch',function(e){e.respondWith(caches.match(e.request).then("
    "function(r){return r||fetch(e.request);}));});\n"
)
_REPORTER = (
    "window.onerror=function(m,u,l){new Image().src='//SERVICE/e?m='+encodeURIComponent(m)+'&l='+l;};"
    "window.addEventListener('unhandledrejection',function(e){navigator.sendBeacon('//SERVICE/e',"
    "String(e.reason));});setTimeout(function(){undefinedFunction();},10);"
)
_PUSH = (
    "if('Notification' in window&&Notification.permission==='default'){setTimeout(function(){"
    "Notification.requestPermission();},20000);}"
)
_VIDEO = (
    "document.addEventListener('DOMContentLoaded',function(){var m=document.querySelector('main');"
    'm.insertAdjacentHTML(\'beforeend\',\'<iframe width="560" height="315" '
    'src="//SERVICE/embed/1"></iframe>\');});'
)
_LEGACY = (
    "if(!window.addEventListener||/MSIE [5-8]/.test(navigator.userAgent)){location='/own/old';}"
)
_HASH = (
    "if(!location.hash){location.hash='#/start';}window.onhashchange=function(){scrollTo(0,0);};"
)
_SLASHES = "if(location.pathname!=='/'&&!/\\/$/.test(location.pathname)){location.pathname+='/';}"
_WELCOME = (
    "if(/google|bing/.test(document.referrer)&&!sessionStorage.getItem('w')){"
    "sessionStorage.setItem('w','1');location.href='/own/welcome';}"
)
_PACKED = "eval(unescape('%77%69%6e%64%6f%77%2e%72%65%61%64%79%3d%31%3b'));"
_MAIL = (
    "<script>document.write('<a href=\"mai'+'lto:in'+'fo@'+'HOST.test\">write</a>');</script>\n"
    "<script>document.write(String.fromCharCode(60,98,62,72,105,60,47,98,62));</script>\n"
)
_BACK = '<a href="javascript:history.back()">Back</a>\n'
_SELECT = (
    '<select onchange="location.href=this.value"><option value="">Choose</option>'
    '<option value="//OTHER/">Abroad</option></select>\n'
)
_ENTRY = (
    "<div onclick=\"document.body.className='open'\">Enter</div>\n"
    '<a href="//SERVICE/" target="_blank" onclick="return confirm(\'Leave?\')">Sponsor</a>\n'
)

TRAITS = {
    "analytics": _head(_ANALYTICS),
    "tag-manager": _partner(tag(_MANAGER), _MANAGED),
    "consent-banner": _head(_CONSENT),
    "language-offer": _head(_LANGUAGE),
    "frame-buster-script": _head(_BUSTER),
    "https-upgrade": Trait(_https, tier=Tier.SCRIPT),
    "mobile-by-script": Trait(_mobile, tier=Tier.SCRIPT),
    "app-banner": _head(_BANNER),
    "app-button": _foot(_APP_BUTTON),
    "chat": _foot(tag(_CHAT)),
    "variant-by-script": _head(_VARIANT),
    "lazy-images": _head(_LAZY, '<img data-src="/images/a-1.jpg" alt="a">\n'),
    "router": _foot(tag(_ROUTER)),
    "sign-off": _head(_TIMEOUT),
    "print-button": _foot(_PRINT),
    "countdown": _foot(_COUNTDOWN),
    "share-button": _foot(_SHARE),
    "share-delegated": _foot(_SHARE_DELEGATED),
    "outbound-rewritten": _foot(_OUTBOUND),
    "outbound-clicks": _foot(_OUTBOUND_CLICK),
    "payment-form": Trait(_paid, tier=Tier.SCRIPT),
    "search-box": Trait(_search_box, tier=Tier.SCRIPT),
    "advert-frame": _head(_ADVERT),
    "advert-slot": _partner(tag(_SLOT), _SLOTTED),
    "cookie-wall": _head(_WALL),
    "challenge-by-script": Trait(_challenge, tier=Tier.SCRIPT),
    "polyfill": _head(_POLYFILL),
    "age-gate": _foot(_AGE),
    "leaving-page": Trait(_warning, tier=Tier.SCRIPT),
    "refresh-own": Trait(_page(_REFRESH), tier=Tier.SCRIPT),
    "reload-own": _head(_RELOAD),
    "slider": _foot(tag(_SLIDER), {"/js/pq.js": LIBRARY}, '<script src="/js/pq.js"></script>\n'),
    "offline-worker": _head(
        "navigator.serviceWorker.register('/sw.js');", "", {"/sw.js": _OFFLINE}
    ),
    "moved-by-script": Trait(_sister, tier=Tier.SCRIPT),
    "moved-in-ten-seconds": Trait(_sister_delayed, tier=Tier.SCRIPT),
    "parked-by-script": Trait(_parked, tier=Tier.SCRIPT),
    "amp-link": Trait(_amp, tier=Tier.SCRIPT),
    "error-reporter": _head(_REPORTER),
    "push-question": _head(_PUSH),
    "video-by-script": _head(_VIDEO),
    "old-browsers": _head(_LEGACY),
    "hash-router": _head(_HASH),
    "slash-by-script": _head(_SLASHES),
    "welcome-by-script": _head(_WELCOME),
    "packed-honest": _head(_PACKED),
    "hidden-mail": _foot(_MAIL),
    "back-link": _foot(_BACK),
    "country-select": _foot(_SELECT),
    "entry": _foot(_ENTRY),
}
