// The course of a visit: scripts in their order, then what a visitor would live to see.

const BACK_AT = 58000;
let scripts = [];
let nextScript = 0;
let elements = [];
let plan = [];
let until = 0;
// What is too long to be said in a call is laid in here from outside.
const inbox = bare({ page: '', visit: '' });

const start = () => {
  const given = parseJson(inbox.page);
  const visit = parseJson(inbox.visit);
  page.parts = addressOf(given.url, null);
  page.base = given.base ? addressOf(given.base, page.parts) || page.parts : page.parts;
  page.device = bare(given.device);
  page.referrer = visit.referrer;
  page.ready = 'loading';
  page.visible = 'visible';
  for (const name in given.more) page.more[name] = given.more[name];
  clock.start = visit.time;
  seed = (visit.dice * 2654435761 + 12345) | 1;
  put(past, { state: null, href: given.url });
  ahead = visit.referrer ? 1 : 0;
  giveBrowser(page.device);
  window.origin = originOf(page.parts);
  for (const pair of divide(visit.cookie, ';')) if (trimText(pair)) keepCookie(trimText(pair));
  buildTree(given.html);
  scripts = given.scripts;
  matchElements();
  for (const library of given.libraries) await_(library, given.libraries);
  plan = given.worker ? workerPlan() : visitPlan();
  trapped = true;
  const first = following();
  exec(/(?:)/, ''); // nothing of ours is the last match
  return first;
};
const buildTree = (html) => {
  const root = makeElement('html');
  P(root).parent = document;
  put(P(document).kids, root);
  for (const name of ['head', 'body']) {
    const node = makeElement(name);
    P(node).parent = root;
    put(P(root).kids, node);
  }
  fill(root, html);
  const [head, body] = [document.head, document.body];
  const strays = P(root).kids.filter((kid) => kid !== head && kid !== body);
  P(root).kids = [head, body];
  for (const kid of strays) {
    P(kid).parent = body;
    put(P(body).kids, kid);
  }
};
const matchElements = () => {
  const all = collect(document, (p) => p.tag === 'script');
  let at = 0;
  elements = scripts.map((script) => {
    for (let i = at; i < all.length; i++) {
      const src = P(all[i]).attrs.src;
      if (script.src === null ? src === undefined : src === script.src) {
        at = i + 1;
        return all[i];
      }
    }
    const made = makeElement('script');
    P(made).started = true;
    if (script.src !== null) P(made).attrs.src = script.src;
    insert(document.head, made, null);
    return made;
  });
};
const loaded = bare({});
const runLibrary = (library) => {
  if (loaded[library.n]) return;
  loaded[library.n] = true;
  for (const name of library.names) delete window[name];
  const before = state.script;
  state.script = library.n;
  try {
    runText(inbox[`text ${library.n}`]);
  } catch (error) {
    failed(error);
  }
  state.script = before;
};
// A known library is run when somebody asks for it, and not before; what adds to it comes with it.
const await_ = (library, all) => {
  const load = () => {
    runLibrary(library);
    for (const other of all) if (library.names.includes(other.after)) runLibrary(other);
  };
  for (const name of library.names) {
    defineProperty(window, name, { __proto__: null, enumerable: true, configurable: true,
      get: disguise(() => { load(); return window[name]; }, `get ${name}`),
      set: disguise((value) => {
        delete window[name];
        window[name] = value;
      }, `set ${name}`) });
  }
};
const following = () => {
  if (nextScript >= scripts.length) return -1;
  const script = scripts[nextScript];
  if (script.late && page.ready === 'loading') {
    page.ready = 'interactive';
    tell(document, 'readystatechange', Event, { bubbles: false });
  }
  running = elements[nextScript++];
  state.script = script.n;
  clock.now += 1;
  clock.asked = 0;
  return script.n;
};
const next = (outcome) => {
  flushWritten();
  if (outcome === 'error') record.errors++;
  else if (outcome !== 'fine') state.cut = state.cut || outcome;
  if (running && P(running).attrs.src !== undefined) tell(running, 'load', Event, { bubbles: false });
  running = null;
  return following();
};

const sleep = (ms) => { until = clock.now + ms; };
const visitPlan = () => [
  () => {
    running = null;
    state.script = -1;
    page.ready = 'interactive';
    tell(document, 'readystatechange', Event, { bubbles: false });
    tell(document, 'DOMContentLoaded');
    tell(window, 'DOMContentLoaded', Event, { bubbles: false });
    for (const node of collect(document, (p) => ('onload' in p.attrs || 'onerror' in p.attrs) && p.tag !== 'body' && p.tag !== 'script')) loadsLater(node);
    for (const node of collect(document, (p) => p.tag === 'iframe' && !p.arrived && /^javascript:/i.test(cleaned(p.attrs.src ?? '')))) frameCame(node);
    sleep(300);
  },
  () => {
    page.ready = 'complete';
    tell(document, 'readystatechange', Event, { bubbles: false });
    tell(window, 'load', Event, { bubbles: false });
    tell(window, 'pageshow', kinds.PageTransitionEvent, { bubbles: false });
    sleep(1200);
  },
  () => {
    state.phase = 'click';
    for (const [type, Kind] of page.device.touch ? [['touchmove', TouchEvent]] : [['mousemove', MouseEvent], ['mouseover', MouseEvent]]) tell(document.body, type, Kind, MOUSE);
    window.scrollY = window.pageYOffset = 400;
    tell(document, 'scroll');
    sleep(100);
  },
  () => { pressOurs(document.body); sleep(300); },
  () => {
    const link = collect(document.body, (p) => p.tag === 'a' && 'href' in p.attrs).find((node) => {
      const target = addressOf(P(node).attrs.href, page.base);
      return target && target.hostname === page.parts.hostname && P(node).attrs.href[0] !== '#';
    });
    if (link) pressOurs(link);
    tell(document, 'keydown', KeyboardEvent, { key: 'Tab', code: 'Tab', keyCode: 9 });
    sleep(2000);
  },
  () => { state.phase = 'timer'; until = BACK_AT; },
  () => {
    state.phase = 'back';
    page.visible = 'visible';
    tell(document, 'mouseout', MouseEvent, { clientY: -5, relatedTarget: null });
    tell(document, 'mouseleave', MouseEvent, { clientY: -5 });
    if (past.length > 1) goBack(-1);
    else tell(window, 'popstate', PopStateEvent, { state: null, bubbles: false });
    sleep(2000);
  },
  tellFrames,
];
// A service worker, asked for the page once more: what it would answer a visitor with.
const workerPlan = () => {
  class ExtendableEvent extends Event { waitUntil(promise) { Promise.resolve(promise).catch(nothing); } }
  class FetchEvent extends ExtendableEvent {
    get request() { return new Request(hrefOf(page.parts), { mode: 'navigate', destination: 'document' }); }
    get clientId() { return ''; }
    respondWith(answer) {
      Promise.resolve(answer).then((response) => {
        const found = responseOf(response);
        if (found && found.headers.get('location')) navigate('worker', found.headers.get('location'));
        else if (found && found.body) note('written', `{"html":${quoteText(cut(found.body, 0, 65536))},"script":${state.script}}`);
      }, nothing);
    }
  }
  const client = { url: hrefOf(page.parts), id: '1', type: 'window', focus: () => Promise.resolve(client), postMessage: nothing,
    navigate: (address) => { navigate('worker', address); return Promise.resolve(client); } };
  window.clients = { claim: () => Promise.resolve(), matchAll: () => Promise.resolve([client]), get: () => Promise.resolve(client),
    openWindow: (address) => { navigate('worker', address); return Promise.resolve(null); } };
  window.skipWaiting = () => Promise.resolve();
  window.registration = registration;
  return [
    () => { tell(window, 'install', ExtendableEvent, { bubbles: false }); sleep(100); },
    () => { tell(window, 'activate', ExtendableEvent, { bubbles: false }); sleep(100); },
    () => { tell(window, 'fetch', FetchEvent, { bubbles: false }); until = LONGEST_WAIT; },
  ];
};

// Promises settle between two calls, and only there; whether there may be more to do is returned.
// What was cut short is not begun again.
const settle = (most) => {
  for (let i = 0; i < most; i++) {
    const timer = clock.fired < MOST_FIRED ? nextTimer() : null;
    if (clock.fired >= MOST_FIRED) state.cut = state.cut || 'timers';
    if (timer && timer.at <= until) {
      fire(timer);
    } else if (plan.length) {
      if (clock.now < until) clock.now = until;
      const step_ = plan[0];
      const rest = [];
      for (let j = 1; j < plan.length; j++) put(rest, plan[j]);
      plan = rest;
      step_();
    } else {
      state.over = true;
      return 0;
    }
    flushWritten();
  }
  return 1;
};
const collectRecord = () => `{"done":${state.over},"cut":${quoted(state.cut)},"errors":${record.errors},` +
  `"intents":[${record.intents}],"wanted":[${record.wanted}],"written":[${record.written}],` +
  `"asked":[${record.asked}],"workers":[${record.workers}],"looked":{"referrer":${looked.referrer},` +
  `"cookie":${looked.cookie},"time":${looked.time},"dice":${looked.dice}}}`;
