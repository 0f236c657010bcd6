// A rehearsal before there is any page, and the one way in.
//
// V8 compiles a function when it is first called, and learns from its calls. Every page is run in a
// copy of the process that has rehearsed, so it is spared that. What a rehearsal changes is put back:
// a page finds everything as if there had been none.

// After so many the functions that build a page are compiled for speed: 2.5 ms less for each page, and
// 40 ms once for a process.
const REHEARSALS = 30;
const SAMPLE = `<!doctype html><html lang=en><head><title>Shop &amp; more</title><meta name=viewport content="width=device-width">
<link rel=stylesheet href=/a.css><style>p { color: red }</style><script src=/a.js></script></head><body class="home page">
${'<section class="slide one"><h2 id=a>Bread</h2><p>From <b>our</b> oven. <a href="/p/1?a=b#c">More</a></p><ul><li>1<li>2</ul><br><img src=\'/i/1.jpg\' alt=""></section>'.repeat(8)}
<form action=/s method=post><input type=text name=q value="&lt;"><button>Go</button></form><!-- end --><script>1</script></body></html>`;
const SAMPLE_VISIT = quoteText({ referrer: 'http://www.test/', cookie: 'a=b; c=d', time: 1, dice: 1 });
const SAMPLE_PAGE = quoteText({
  url: 'http://shop.test/a/b.html?c=d', base: '', html: SAMPLE,
  device: { agent: '', mobile: true, touch: true, bot: true, webkit: false, languages: ['en'], width: 412, height: 785, screen: [412, 915], ratio: 2 },
  scripts: [{ n: 0, src: '/a.js', late: false }, { n: 1, src: null, late: true }],
  more: {}, libraries: [], worker: false,
});
// Scripts of our own, by what scripts do most.
const rehearsed = () => {
  const work = () => {};
  document.addEventListener('click', work);
  document.removeEventListener('click', work);
  for (const one of document.querySelectorAll('.slide, section > p a[href]')) one.classList.add('on');
  for (const name of ['script', 'div', 'a', 'img']) {
    const made = document.createElement(name);
    made.id = name;
    made.style.display = 'none';
    made.setAttribute('title', made.getAttribute('id'));
    if (name !== 'script') document.body.appendChild(made);
    made.remove();
  }
  const box = document.getElementById('a');
  box.innerHTML = '<p>Bread.</p>';
  box.textContent = `${box.innerHTML}${document.title}${document.cookie}${location_.href}${navigator_.userAgent}`;
  window.clearTimeout(window.setTimeout(work, 10));
  window.setInterval(work, 5000);
  window.Date.now();
  new window.Date().getTime();
};
const afresh = () => {
  for (const name in looked) looked[name] = false;
  Object.assign(record, { intents: '', wanted: '', written: '', asked: '', workers: '', count: 0, room: 1 << 20, errors: 0 });
  Object.assign(state, { script: -1, phase: 'load', cut: '', over: false, depth: 0, writing: 0 });
  for (const name in seen) delete seen[name];
  written_ = 1;
  outside.fill(0);
  trapped = false;
  Object.assign(clock, { now: 0, start: 0, asked: 0, fired: 0, serial: 0, timers: [] });
  inserts = 0;
  written.text = '';
  written.total = 0;
  for (const name of getOwnNames(page)) page[name] = undefined;
  page.more = bare({});
  P(document).kids = [];
  running = ours = null;
  ours_href = '';
  frames.length = past.length = ahead = 0;
  for (const name in cookies) delete cookies[name];
  for (const name in device) device[name] = undefined;
  delete window.orientation;
  for (const on of [window, Document.prototype, HTMLElement.prototype]) delete on.ontouchcancel;
  window.scrollY = window.pageYOffset = 0;
  window.origin = '';
  seed = 1;
  scripts = [];
  elements = [];
  plan = [];
  nextScript = until = 0;
};
const rehearse = () => {
  for (let i = 0; i < REHEARSALS; i++) {
    inbox.page = SAMPLE_PAGE;
    inbox.visit = SAMPLE_VISIT;
    let step_ = start();
    while (step_ >= 0) {
      rehearsed();
      step_ = next('fine');
    }
    while (settle(1));
    collectRecord();
    afresh();
  }
  inbox.page = inbox.visit = '';
};

return (what, given) => {
  switch (what) {
    case 'outside': return outside;
    case 'rehearse': return rehearse();
    case 'inbox': return inbox;
    case 'start': return start();
    case 'next': return next(given);
    case 'settle': return settle(given);
    case 'cut': state.cut = state.cut || given; return -1;
    default: return collectRecord();
  }
};
