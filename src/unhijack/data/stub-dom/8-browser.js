// The browser round the page: address, history, navigator, screen, storage, document.

const lone = (name, members, Base = Object) => {
  const Kind = { [name]: class extends Base { constructor() { if (!making) throw illegal(name); super(); } } }[name];
  for (const key of getOwnNames(members)) defineProperty(Kind.prototype, key, getDescriptor(members, key));
  expose(name, Kind);
  making = true;
  const made = new Kind();
  making = false;
  return made;
};

class Location {
  constructor() {
    if (!making) throw illegal('Location');
    const own = {
      get href() { return hrefOf(page.parts); },
      set href(text) { navigate('location', text); },
      get origin() { return originOf(page.parts); },
      get ancestorOrigins() { return { length: 0, item: () => null, contains: () => false }; },
      assign(text) { navigate('location', text); },
      replace(text) { navigate('location', text); },
      reload() {},
      toString() { return hrefOf(page.parts); },
    };
    for (const name of ['protocol', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
      defineProperty(own, name, { __proto__: null, enumerable: true, configurable: true,
        get: { get() { return name === 'host' ? hostOf(page.parts) : page.parts[name]; } }.get,
        set: { set(value) {
          const changed = new URL(hrefOf(page.parts));
          changed[name] = value;
          if (name === 'hash') moveHash(addressOf(changed.href, null));
          else navigate('location', changed.href);
        } }.set });
    }
    for (const name of getOwnNames(own)) {
      const found = getDescriptor(own, name);
      for (const work of [found.value, found.get, found.set]) if (work) disguise(work, name);
      found.configurable = false;
      if (found.value) found.writable = false;
      defineProperty(this, name, found);
    }
    defineProperty(this, Symbol.toPrimitive, { __proto__: null, value: undefined });
  }
}
expose('Location', Location);
const location_ = make(Location);

const past = [];
let ahead = 0;
const stateGiven = (value, address) => {
  if (address !== undefined && address !== null) {
    const target = addressOf(address, page.base);
    if (!target || originOf(target) !== originOf(page.parts)) {
      throw new DOMException(`Failed to execute 'pushState' on 'History': A history state object with URL '${asText(address)}' cannot be created`, 'SecurityError');
    }
    page.parts = target;
  }
  past[past.length - 1].state = value === undefined ? null : value;
  past[past.length - 1].href = hrefOf(page.parts);
};
const goBack = (by) => {
  const to = past.length - 1 + (Number_(by) || 0);
  if (to < 0 || to >= past.length) return;
  later(() => {
    past.length = to + 1;
    page.parts = addressOf(past[to].href, null) || page.parts;
    tell(window, 'popstate', PopStateEvent, { state: past[to].state });
  }, 1, false, []);
};
let restoration = 'auto';
const history_ = lone('History', {
  get length() { looked.referrer = true; return 1 + past.length + ahead; },
  get state() { return past[past.length - 1].state; },
  get scrollRestoration() { return restoration; },
  set scrollRestoration(value) { restoration = value; },
  pushState(value, title, address) {
    if (past.length < 200) past[past.length] = { state: null, href: '' };
    stateGiven(value, address);
  },
  replaceState(value, title, address) { stateGiven(value, address); },
  back() { goBack(-1); },
  forward() { goBack(1); },
  go(by) { if (Number_(by)) goBack(by); },
});

const storeOf = () => {
  const values = bare({});
  const made = lone('Storage', {
    get length() { return Object.keys(values).length; },
    key(index) { return Object.keys(values)[index] ?? null; },
    getItem(name) { return values[asText(name)] ?? null; },
    setItem(name, value) { values[asText(name)] = cut(asText(value), 0, 1 << 20); },
    removeItem(name) { delete values[asText(name)]; },
    clear() { for (const name in values) delete values[name]; },
  });
  return new Proxy(made, {
    get: (target, name) => (typeof name === 'string' && !(name in target) ? values[name] : typeof target[name] === 'function' ? target[name] : target[name]),
    set: (target, name, value) => { values[asText(name)] = asText(value); return true; },
    has: (target, name) => name in target || name in values,
    deleteProperty: (target, name) => { delete values[asText(name)]; return true; },
    ownKeys: () => Object.keys(values),
    getOwnPropertyDescriptor: (target, name) => (name in values ? { value: values[name], writable: true, enumerable: true, configurable: true } : undefined),
  });
};

const cookies = bare({});
const readCookies = () => Object.keys(cookies).map((name) => (name === '' ? cookies[name] : `${name}=${cookies[name]}`)).join('; ');
const keepCookie = (text) => {
  const pair = divide(asText(text), ';')[0];
  const at = find(pair, '=');
  const name = trimText(at < 0 ? '' : cut(pair, 0, at));
  const old = exec(/;\s*max-age\s*=\s*(-?\d+)/i, text);
  const until = exec(/;\s*expires\s*=\s*([^;]+)/i, text);
  if (until) looked.time = true;
  const gone = old ? Number_(old[1]) <= 0 : until ? RealDate.parse(until[1]) <= clock.start + clock.now : false;
  if (gone) delete cookies[name];
  else if (Object.keys(cookies).length < 100) cookies[name] = cut(trimText(at < 0 ? pair : cut(pair, at + 1)), 0, 4096);
};

class Document extends Node {
  get documentElement() { return P(this).kids.find((kid) => P(kid).tag === 'html') || null; }
  get head() { return this.documentElement && this.documentElement.querySelector('head'); }
  get body() { return this.documentElement && P(this.documentElement).kids.find((kid) => P(kid).tag === 'body'); }
  set body(node) { if (this.body) this.body.replaceWith(node); }
  get title() {
    const node = this.querySelector('title');
    return node ? trimText(textOf(node)) : '';
  }
  set title(text) {
    const node = this.querySelector('title');
    if (node) setText(node, asText(text));
  }
  get URL() { return hrefOf(page.parts); }
  get documentURI() { return hrefOf(page.parts); }
  get domain() { return page.parts.hostname; }
  set domain(text) {}
  get referrer() { looked.referrer = true; return page.referrer; }
  get cookie() { looked.cookie = true; return readCookies(); }
  set cookie(text) { keepCookie(asText(text)); }
  get lastModified() { return '03/02/2026 08:00:00'; }
  get readyState() { return page.ready; }
  get currentScript() { return running && P(running).tag === 'script' ? running : null; }
  get compatMode() { return 'CSS1Compat'; }
  get characterSet() { return 'UTF-8'; }
  get charset() { return 'UTF-8'; }
  get contentType() { return 'text/html'; }
  get hidden() { return false; }
  get visibilityState() { return page.visible; }
  get designMode() { return 'off'; }
  get defaultView() { return window; }
  get activeElement() { return this.body; }
  get scrollingElement() { return this.documentElement; }
  get fullscreenElement() { return null; }
  get fonts() { return { ready: Promise.resolve(), load: () => Promise.resolve([]), check: () => true, addEventListener: nothing }; }
  get styleSheets() { return []; }
  get adoptedStyleSheets() { return []; }
  set adoptedStyleSheets(value) {}
  get doctype() { return { name: 'html', publicId: '', systemId: '', nodeType: 10 }; }
  get implementation() { return { createHTMLDocument: () => document, hasFeature: () => true }; }
  get scripts() { return this.getElementsByTagName('script'); }
  get links() { return listOf(HTMLCollection, select(this, 'a[href],area[href]', false)); }
  get forms() { return this.getElementsByTagName('form'); }
  get images() { return this.getElementsByTagName('img'); }
  get anchors() { return listOf(HTMLCollection, select(this, 'a[name]', false)); }
  get all() { return this.getElementsByTagName('*'); }
  getElementById(id) { return walk(this, (node) => P(node).type === 1 && P(node).attrs.id === asText(id)); }
  getElementsByName(name) { return listOf(NodeList, collect(this, (p) => p.attrs.name === asText(name))); }
  createElement(name) {
    const tag = lower(asText(name));
    if (!/^[a-z][^\s\/>]*$/.test(tag)) throw new DOMException(`Failed to execute 'createElement' on 'Document': The tag name provided ('${tag}') is not a valid name.`, 'InvalidCharacterError');
    return makeElement(tag);
  }
  createElementNS(space, name) { return makeElement(lower(asText(name)), /svg/.test(asText(space))); }
  createTextNode(text) { return makeText(text); }
  createComment(text) {
    const p = recordOf(8, '#comment');
    p.data = asText(text);
    return make(Comment, p);
  }
  createDocumentFragment() { return make(DocumentFragment, recordOf(11, '#document-fragment')); }
  createEvent(name) {
    const Kind = kinds[swap(asText(name), /s$/, '')] || kinds[asText(name)] || Event;
    return new Kind('');
  }
  createRange() {
    return { setStart: nothing, setEnd: nothing, selectNode: nothing, selectNodeContents: nothing, collapse: nothing,
      createContextualFragment: (html) => { const made = make(DocumentFragment, recordOf(11, '#document-fragment'));
        for (const node of fill(made, asText(html))) P(node).started = P(node).tag !== 'script';
        return made; }, getBoundingClientRect: () => ({ top: 0, left: 0, width: 0, height: 0 }), getClientRects: () => [] };
  }
  createTreeWalker(root) { const all = collect(root, () => true); let at = -1; return { currentNode: root, nextNode() { return (this.currentNode = all[++at] || null); } }; }
  importNode(node, deep) { return copyOf(node, deep); }
  adoptNode(node) { detach(node); return node; }
  elementFromPoint() { return this.body; }
  hasFocus() { return true; }
  execCommand() { return false; }
  queryCommandSupported() { return false; }
  getSelection() { return window.getSelection(); }
  write(...texts) { writeOut(texts.map(asText).join('')); }
  writeln(...texts) { writeOut(`${texts.map(asText).join('')}\n`); }
  open(address) { return address === undefined || arguments.length < 3 ? document : window.open(address); }
  close() { flushWritten(); }
}
exposeAll(parentMixin, Document.prototype);
giveHandlers(Document.prototype);
class HTMLDocument extends Document {}
expose('Document', Document);
expose('HTMLDocument', HTMLDocument);
let document = null;
document = make(HTMLDocument, recordOf(9, '#document'));
const unforgeable = (on, name, get, set) => {
  defineProperty(on, name, { __proto__: null, enumerable: true, configurable: false,
    get: disguise(get, `get ${name}`), set: set && disguise(set, `set ${name}`) });
};
unforgeable(document, 'location', () => location_, (text) => navigate('location', text));

class Window extends EventTarget {
  constructor() { throw illegal('Window'); }
}
expose('Window', Window);
setPrototype(window, Window.prototype);
giveHandlers(window);
unforgeable(window, 'window', () => window);
unforgeable(window, 'document', () => document);
unforgeable(window, 'location', () => location_, (text) => navigate('location', text));
unforgeable(window, 'top', () => window);
for (const name of ['self', 'parent', 'frames']) {
  defineProperty(window, name, { __proto__: null, enumerable: true, configurable: true,
    get: disguise(() => window, `get ${name}`), set: disguise(nothing, `set ${name}`) });
}
const popup = (address) => {
  const place = { get href() { return asText(address); }, set href(text) { navigate('open', text); },
    assign: (text) => navigate('open', text), replace: (text) => navigate('open', text), reload: nothing, toString: () => asText(address) };
  const made = { closed: false, opener: window, name: '', close() { made.closed = true; }, focus: nothing, blur: nothing, postMessage: nothing,
    moveTo: nothing, resizeTo: nothing, addEventListener: nothing,
    document: { write: (...texts) => innerWrite(texts), writeln: (...texts) => innerWrite(texts), open: nothing, close: nothing, body: makeElement('body'), title: '' } };
  defineProperty(made, 'location', { __proto__: null, enumerable: true, get: () => place, set: (text) => navigate('open', text) });
  return made;
};
exposeAll({
  open(address = '', target = '') {
    const own = /^_(?:self|top|parent)$/i.test(asText(target));
    if (asText(address)) navigate(own ? 'location' : 'open', address);
    return own ? window : popup(address);
  },
  close() {},
  stop() {},
  focus() {},
  blur() {},
  print() {},
  alert() {},
  confirm() { return true; },
  prompt() { return null; },
  scroll() {},
  scrollTo() {},
  scrollBy() {},
  moveTo() {},
  resizeTo() {},
  postMessage(data) { later(() => tell(window, 'message', MessageEvent, { data, origin: originOf(page.parts), source: window }), 1, false, []); },
  getSelection() { return { toString: () => '', rangeCount: 0, removeAllRanges: nothing, addRange: nothing, getRangeAt: () => null }; },
  getComputedStyle(node) { return isNode(node) && P(node).type === 1 ? new CSSStyleDeclaration(`display: block; visibility: visible; opacity: 1; position: static; ${styleOf(node).cssText}`) : new CSSStyleDeclaration(''); },
  matchMedia(text) { return mediaOf(asText(text)); },
  structuredClone(value) { return parseJson(JSON.stringify(value)); },
});
const mediaOf = (media) => {
  const wide = page.device.width;
  const at = (pattern, fits_) => { const found = exec(pattern, media); return !found || fits_(Number_(found[1])); };
  const matches_ = at(/max-(?:device-)?width:\s*(\d+)/, (n) => wide <= n) && at(/min-(?:device-)?width:\s*(\d+)/, (n) => wide >= n) &&
    !/prefers-(?:color-scheme:\s*dark|reduced)|print|standalone/.test(media) &&
    (!/pointer:\s*coarse|hover:\s*none/.test(media) || page.device.touch) && (!/pointer:\s*fine|hover:\s*hover/.test(media) || !page.device.touch);
  return { media, matches: matches_, onchange: null, addListener: nothing, removeListener: nothing, addEventListener: nothing, removeEventListener: nothing, dispatchEvent: () => true };
};
for (const [name, value] of Object.entries({ name: '', closed: false, length: 0, opener: null, frameElement: null, origin: '',
  status: '', isSecureContext: true, scrollX: 0, scrollY: 0, pageXOffset: 0, pageYOffset: 0, screenX: 0, screenY: 0,
  screenLeft: 0, screenTop: 0, crossOriginIsolated: false })) {
  defineProperty(window, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
}
for (const [name, bar] of ['locationbar', 'menubar', 'personalbar', 'scrollbars', 'statusbar', 'toolbar'].entries()) {
  defineProperty(window, bar, { __proto__: null, value: { visible: true }, enumerable: true, configurable: true });
}
const fromBase64 = (text) => {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const clean = swap(swap(asText(text), /[\t\n\f\r ]/g, ''), /={1,2}$/, '');
  if (/[^A-Za-z0-9+/]/.test(clean) || clean.length % 4 === 1) {
    throw new DOMException("Failed to execute 'atob' on 'Window': The string to be decoded is not correctly encoded.", 'InvalidCharacterError');
  }
  let out = '';
  for (let i = 0, bits = 0, held = 0; i < clean.length; i++) {
    held = ((held << 6) | find(ALPHABET, clean[i])) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out += String.fromCharCode((held >> bits) & 255);
    }
  }
  return out;
};
exposeAll({
  atob(text) { return fromBase64(text); },
  btoa(text) {
    const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
    const given = asText(text);
    let out = '';
    for (let i = 0; i < given.length; i += 3) {
      const three = [given.charCodeAt(i), given.charCodeAt(i + 1), given.charCodeAt(i + 2)];
      if (three.some((code) => code > 255)) throw new DOMException("Failed to execute 'btoa' on 'Window'", 'InvalidCharacterError');
      const bits = (three[0] << 16) | ((three[1] || 0) << 8) | (three[2] || 0);
      for (let j = 0; j < 4; j++) out += i * 8 + j * 6 > given.length * 8 && i + j - 1 >= given.length ? '=' : ALPHABET[(bits >> (18 - j * 6)) & 63];
    }
    return out;
  },
});

// Who the visitor is; all of it comes from the persona. What can be is made before there is one.
const device = bare({});
const plugin = (name) => ({ name, filename: 'internal-pdf-viewer', description: 'Portable Document Format', length: 1 });
const hintsOf = () => ({ brands: device.brands, mobile: device.mobile, platform: device.platform_name });
const navigator_ = lone('Navigator', {
    get userAgent() { return device.agent; },
    get appVersion() { return cut(device.agent, 8); },
    get appName() { return 'Netscape'; },
    get appCodeName() { return 'Mozilla'; },
    get product() { return 'Gecko'; },
    get productSub() { return '20030107'; },
    get vendor() { return device.vendor; },
    get vendorSub() { return ''; },
    get platform() { return device.platform; },
    get language() { return device.languages[0]; },
    get languages() { return Object.freeze([...device.languages]); },
    get onLine() { return true; },
    get cookieEnabled() { return true; },
    get doNotTrack() { return null; },
    get webdriver() { return false; },
    get pdfViewerEnabled() { return !device.mobile; },
    get hardwareConcurrency() { return device.cores; },
    get deviceMemory() { return device.memory; },
    get maxTouchPoints() { return device.touch ? 5 : 0; },
    get plugins() { return device.mobile ? [] : ['PDF Viewer', 'Chrome PDF Viewer', 'Chromium PDF Viewer', 'Microsoft Edge PDF Viewer', 'WebKit built-in PDF'].map(plugin); },
    get mimeTypes() { return device.mobile ? [] : [{ type: 'application/pdf', suffixes: 'pdf' }, { type: 'text/pdf', suffixes: 'pdf' }]; },
    get connection() { return { effectiveType: '4g', rtt: 50, downlink: 10, saveData: false, type: device.mobile ? 'cellular' : 'wifi', addEventListener: nothing }; },
    get userAgentData() {
      const hints = hintsOf();
      return { ...hints, toJSON: () => hints, getHighEntropyValues: () => Promise.resolve({ ...hints, architecture: device.mobile ? '' : 'x86', bitness: device.mobile ? '' : '64', model: device.mobile ? 'K' : '', platformVersion: '10.0.0', uaFullVersion: device.version, fullVersionList: device.brands }) };
    },
    get serviceWorker() { return workers; },
    get permissions() { return { query: () => Promise.resolve({ state: 'prompt', onchange: null, addEventListener: nothing }) }; },
    get geolocation() { return { getCurrentPosition: nothing, watchPosition: () => 0, clearWatch: nothing }; },
    get clipboard() { return { writeText: () => Promise.resolve(), readText: () => Promise.reject(new DOMException('denied', 'NotAllowedError')) }; },
    get mediaDevices() { return { enumerateDevices: () => Promise.resolve([]), getUserMedia: () => Promise.reject(new DOMException('denied', 'NotAllowedError')) }; },
    get storage() { return { estimate: () => Promise.resolve({ quota: 1e10, usage: 0 }), persist: () => Promise.resolve(false) }; },
    get userActivation() { return { isActive: state.phase === 'click', hasBeenActive: state.phase !== 'load' }; },
    javaEnabled() { return false; },
    sendBeacon(address) { once('asked', resolve(address)); return true; },
    vibrate() { return true; },
    share() { return Promise.reject(new DOMException('denied', 'NotAllowedError')); },
    getBattery() { return Promise.resolve({ charging: true, level: 0.87, chargingTime: 0, dischargingTime: Infinity, addEventListener: nothing }); },
    registerProtocolHandler() {},
  });
const screen_ = lone('Screen', {
    get width() { return device.screen[0]; },
    get height() { return device.screen[1]; },
    get availWidth() { return device.screen[0]; },
    get availHeight() { return device.screen[1] - (device.mobile ? 0 : 48); },
    get availLeft() { return 0; },
    get availTop() { return 0; },
    get colorDepth() { return 24; },
    get pixelDepth() { return 24; },
    get orientation() { return { type: device.mobile ? 'portrait-primary' : 'landscape-primary', angle: 0, addEventListener: nothing, lock: () => Promise.reject(new DOMException('', 'NotSupportedError')) }; },
  }, EventTarget);
const stores = [storeOf(), storeOf()];
const giveBrowser = (given) => {
  for (const name of getOwnNames(given)) device[name] = given[name];
  const give = (name, value) => defineProperty(window, name, { __proto__: null, value, writable: true, enumerable: true, configurable: true });
  for (const [name, value] of [['navigator', navigator_], ['clientInformation', navigator_], ['screen', screen_], ['history', history_]]) give(name, value);
  for (const [name, value] of [['innerWidth', device.width], ['innerHeight', device.height], ['outerWidth', device.screen[0]],
    ['outerHeight', device.screen[1]], ['devicePixelRatio', device.ratio]]) give(name, value);
  give('localStorage', stores[0]);
  give('sessionStorage', stores[1]);
  if (device.touch) for (const on of [window, Document.prototype, HTMLElement.prototype]) for (const type of ['touchstart', 'touchend', 'touchmove', 'touchcancel']) {
    if (!hasOwn(on, `on${type}`)) defineProperty(on, `on${type}`, { __proto__: null, value: null, writable: true, enumerable: true, configurable: true });
  }
  else for (const on of [window, Document.prototype, HTMLElement.prototype, Element.prototype]) for (const type of ['touchstart', 'touchend', 'touchmove']) delete on[`on${type}`];
  if (device.mobile) give('orientation', 0);
  if (device.webkit) {
    const kind = getPrototype(navigator_);
    for (const name of ['userAgentData', 'deviceMemory', 'connection', 'vibrate', 'getBattery', 'registerProtocolHandler']) delete kind[name];
  }
  if (!device.bot && !device.webkit) give('chrome', { loadTimes: disguise(() => ({}), 'loadTimes'), csi: disguise(() => ({}), 'csi'), app: { isInstalled: false } });
};
