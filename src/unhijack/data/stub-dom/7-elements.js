// Elements that act: what they would load, run, send or follow is recorded instead.

const page = bare({ parts: null, base: null, device: null, more: bare({}), libraries: bare({}) });
const blobs = bare({ count: 0, texts: bare({}), keep(blob) {
  const id = `00000000-0000-4000-8000-${String(++this.count).padStart(12, '0')}`;
  this.texts[id] = blobText(blob);
  return id;
} });
const resolve = (text) => {
  const found = addressOf(text, page.base);
  return found ? hrefOf(found) : asText(text);
};
const MOST_CODE = 1 << 20;
const codeOf = (text) => {
  const rest = cut(cleaned(text), 11);
  try {
    return cut(decodeURIComponent(rest), 0, MOST_CODE);
  } catch {
    return rest;
  }
};
// Somebody's wish to be elsewhere. Whether that is off the site is judged outside.
const navigate = (how, text, more = '') => {
  const given = cleaned(text);
  if (lower(cut(given, 0, 11)) === 'javascript:') {
    try {
      runText(codeOf(given));
    } catch (error) {
      failed(error);
    }
    return;
  }
  if (given[0] === '#') {
    const target = addressOf(given, page.base);
    if (target) moveHash(target);
    return;
  }
  intend(how, given, `,"base":${quoted(hrefOf(page.base))}${more}`);
};
const moveHash = (target) => {
  if (target.hash === page.parts.hash) return;
  const old = hrefOf(page.parts);
  page.parts.hash = target.hash;
  later(() => tell(window, 'hashchange', kinds.HashChangeEvent, { oldURL: old, newURL: hrefOf(page.parts) }), 0, false, []);
};

class HTMLElement extends Element {
  get style() { return styleOf(this); }
  set style(text) { styleOf(this).cssText = asText(text); }
  get dataset() {
    const node = this;
    return new Proxy({}, {
      get: (_, name) => (typeof name === 'string' ? P(node).attrs[dashed(name)] : undefined),
      set: (_, name, value) => { P(node).attrs[dashed(name)] = asText(value); return true; },
      has: (_, name) => typeof name === 'string' && dashed(name) in P(node).attrs,
      deleteProperty: (_, name) => { delete P(node).attrs[dashed(name)]; return true; },
    });
  }
  get innerText() { return textOf(this); }
  set innerText(text) { setText(this, asText(text)); }
  get outerText() { return textOf(this); }
  get offsetWidth() { return boxOf(this).width; }
  get offsetHeight() { return boxOf(this).height; }
  get offsetTop() { return 0; }
  get offsetLeft() { return 0; }
  get offsetParent() { return document.body; }
  get hidden() { return 'hidden' in P(this).attrs; }
  set hidden(value) { this.toggleAttribute('hidden', !!value); }
  get tabIndex() { return -1; }
  set tabIndex(value) {}
  get nonce() { return ''; }
  set nonce(value) {}
  get isContentEditable() { return false; }
  click() { press(this); }
  focus() {}
  blur() {}
}
const dashed = (name) => `data-${lower(swap(name, /[A-Z]/g, (letter) => `-${letter}`))}`;
giveHandlers(HTMLElement.prototype);
const reflect = (Kind, names, { address = false, on = '' } = {}) => {
  for (const name of names) {
    const attribute = { htmlFor: 'for', httpEquiv: 'http-equiv', contentEditable: 'contenteditable', noModule: 'nomodule' }[name] || lower(name);
    defineProperty(Kind.prototype, name, {
      __proto__: null, enumerable: true, configurable: true,
      get: { get() {
        const value = P(this).attrs[attribute];
        if (on) return value !== undefined;
        return value === undefined ? '' : address ? resolve(value) : value;
      } }.get,
      set: { set(value) {
        if (on && !value) delete P(this).attrs[attribute];
        else setAttribute(this, attribute, on ? '' : asText(value));
      } }.set,
    });
  }
};
reflect(HTMLElement, ['title', 'lang', 'dir', 'role', 'contentEditable', 'accessKey', 'slot']);
const tags = bare({});
const kind = (name, names, strings = [], addresses = [], flags = [], body = HTMLElement) => {
  const made = { [name]: class extends body {} }[name];
  for (const one of names) tags[one] = made;
  reflect(made, strings);
  reflect(made, addresses, { address: true });
  reflect(made, flags, { on: 'flag' });
  return expose(name, made);
};
for (const [name, Kind] of [['HTMLElement', HTMLElement]]) expose(name, Kind);
class ScriptElement extends HTMLElement {
  get text() { return textOf(this); }
  set text(text) { setText(this, asText(text)); }
}
const HTMLScriptElement = kind('HTMLScriptElement', ['script'], ['type', 'charset', 'crossOrigin', 'integrity', 'event', 'referrerPolicy'], ['src'], ['defer', 'noModule'], ScriptElement);
defineProperty(HTMLScriptElement.prototype, 'async', { __proto__: null, enumerable: true, configurable: true,
  get: { get() { return P(this).more !== 'sync'; } }.get, set: { set(value) { P(this).more = value ? null : 'sync'; } }.set });
class Frame extends HTMLElement {
  get contentWindow() { return innerOf(this); }
  get contentDocument() { return innerOf(this).document; }
}
kind('HTMLIFrameElement', ['iframe'], ['name', 'width', 'height', 'allow', 'scrolling', 'frameBorder', 'srcdoc', 'sandbox', 'loading'], ['src'], ['allowFullscreen'], Frame);
kind('HTMLFrameElement', ['frame'], ['name'], ['src'], [], Frame);
class Link extends HTMLElement {
  toString() { return this.href; }
}
for (const name of ['protocol', 'host', 'hostname', 'port', 'pathname', 'search', 'hash', 'origin']) {
  const read = (node) => {
    const found = addressOf(P(node).attrs.href ?? '', page.base);
    return found && 'href' in P(node).attrs ? found : null;
  };
  defineProperty(Link.prototype, name, { __proto__: null, enumerable: true, configurable: true,
    get: { get() {
      const found = read(this);
      if (!found) return name === 'protocol' ? ':' : '';
      return name === 'host' ? hostOf(found) : name === 'origin' ? originOf(found) : found[name];
    } }.get,
    set: { set(value) {
      const found = read(this);
      if (!found || name === 'origin') return;
      const whole_ = new URL(hrefOf(found));
      whole_[name] = value;
      P(this).attrs.href = whole_.href;
    } }.set });
}
kind('HTMLAnchorElement', ['a'], ['target', 'rel', 'download', 'hreflang', 'type', 'name', 'ping', 'referrerPolicy'], ['href'], [], Link);
kind('HTMLAreaElement', ['area'], ['target', 'alt', 'coords'], ['href'], [], Link);
class FormElement extends HTMLElement {
  get elements() { return listOf(HTMLCollection, collect(this, (p) => ['input', 'select', 'textarea', 'button'].includes(p.tag))); }
  get length() { return this.elements.length; }
  submit() { submitForm(this, null); }
  requestSubmit(by) { if (tell(this, 'submit', kinds.SubmitEvent)) submitForm(this, by); }
  reset() {}
  checkValidity() { return true; }
  reportValidity() { return true; }
}
kind('HTMLFormElement', ['form'], ['method', 'target', 'name', 'enctype', 'autocomplete'], ['action'], ['noValidate'], FormElement);
const submitForm = (form, by) => {
  const action = (by && P(by).attrs.formaction) || P(form).attrs.action || hrefOf(page.parts);
  const method = lower(P(form).attrs.method || 'get');
  const fields = collect(form, (p) => p.tag === 'input' && p.attrs.name)
    .map((node) => `${encodeURIComponent(P(node).attrs.name)}=${encodeURIComponent(node.value)}`).join('&');
  const target = addressOf(action, page.base);
  if (target && method === 'get' && target.protocol in SPECIAL) target.search = marked('?', fields);
  navigate('form', target ? hrefOf(target) : action, `,"method":${quoted(method)}`);
};
class Field extends HTMLElement {
  get value() { return P(this).value ?? P(this).attrs.value ?? (P(this).tag === 'textarea' ? textOf(this) : ''); }
  set value(text) { P(this).value = asText(text); }
  get defaultValue() { return P(this).attrs.value || ''; }
  get form() { return this.closest('form'); }
  get files() { return []; }
  get labels() { return []; }
  get options() { return listOf(HTMLCollection, collect(this, (p) => p.tag === 'option')); }
  get selectedIndex() { return 0; }
  set selectedIndex(value) {}
  get validity() { return { valid: true }; }
  checkValidity() { return true; }
  setCustomValidity() {}
  select() {}
  setSelectionRange() {}
}
kind('HTMLInputElement', ['input'], ['type', 'name', 'placeholder', 'min', 'max', 'pattern', 'autocomplete', 'accept'], ['formAction'], ['checked', 'disabled', 'readOnly', 'required', 'autofocus', 'multiple'], Field);
kind('HTMLTextAreaElement', ['textarea'], ['name', 'placeholder', 'rows', 'cols'], [], ['disabled', 'readOnly'], Field);
kind('HTMLSelectElement', ['select'], ['name'], [], ['disabled', 'multiple'], Field);
kind('HTMLButtonElement', ['button'], ['type', 'name'], ['formAction'], ['disabled'], Field);
kind('HTMLOptionElement', ['option'], ['label'], [], ['selected', 'disabled'], Field);
class Picture extends HTMLElement {
  get complete() { return true; }
  get naturalWidth() { return 0; }
  get naturalHeight() { return 0; }
  get currentSrc() { return this.src; }
  decode() { return Promise.resolve(); }
}
const HTMLImageElement = kind('HTMLImageElement', ['img'], ['alt', 'srcset', 'sizes', 'loading', 'crossOrigin', 'decoding', 'useMap', 'width', 'height'], ['src'], [], Picture);
class Media extends HTMLElement {
  get paused() { return true; }
  get duration() { return NaN; }
  get currentTime() { return 0; }
  set currentTime(value) {}
  canPlayType() { return 'maybe'; }
  play() { return Promise.resolve(); }
  pause() {}
  load() {}
}
kind('HTMLVideoElement', ['video'], ['poster', 'preload', 'width', 'height'], ['src'], ['controls', 'loop', 'autoplay', 'muted'], Media);
kind('HTMLAudioElement', ['audio'], ['preload'], ['src'], ['controls', 'loop', 'autoplay', 'muted'], Media);
class Canvas extends HTMLElement {
  getContext(type) {
    if (asText(type) !== '2d') return null;
    const made = { canvas: this, fillStyle: '#000000', font: '10px sans-serif', globalAlpha: 1 };
    for (const name of ['fillRect', 'clearRect', 'strokeRect', 'fillText', 'strokeText', 'beginPath', 'closePath', 'moveTo', 'lineTo', 'arc', 'fill', 'stroke', 'drawImage', 'save', 'restore', 'scale', 'rotate', 'translate', 'rect', 'clip', 'putImageData', 'setTransform']) made[name] = disguise(() => undefined, name);
    made.measureText = disguise((text) => ({ width: asText(text).length * 5.6 }), 'measureText');
    made.getImageData = disguise((x, y, w, h) => ({ data: new Uint8ClampedArray(Math.min(w * h * 4, 1 << 16)), width: w, height: h }), 'getImageData');
    made.createLinearGradient = disguise(() => ({ addColorStop: nothing }), 'createLinearGradient');
    return made;
  }
  toDataURL() { return 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAASwAAACWCAYAAABkW7XSAAAAAXNSR0IArs4c6QAAAAlwSFlzAAAAAA=='; }
  toBlob(take) { later(() => take(new Blob([''])), 5, false, []); }
}
kind('HTMLCanvasElement', ['canvas'], [], [], [], Canvas);
class Template extends HTMLElement {
  get content() {
    const made = make(DocumentFragment, recordOf(11, '#document-fragment'));
    for (const kid of P(this).kids) insert(made, copyOf(kid, true), null);
    return made;
  }
}
kind('HTMLTemplateElement', ['template'], [], [], [], Template);
kind('HTMLMetaElement', ['meta'], ['name', 'content', 'httpEquiv', 'charset']);
kind('HTMLLinkElement', ['link'], ['rel', 'type', 'as', 'media', 'crossOrigin', 'integrity', 'sizes'], ['href'], ['disabled']);
class StyleElement extends HTMLElement {
  get sheet() { return { cssRules: [], insertRule: () => 0, deleteRule: nothing, addRule: () => -1 }; }
}
kind('HTMLStyleElement', ['style'], ['type', 'media'], [], [], StyleElement);
kind('HTMLBaseElement', ['base'], ['target'], ['href']);
kind('HTMLLabelElement', ['label'], ['htmlFor']);
kind('HTMLObjectElement', ['object'], ['type', 'width', 'height'], ['data']);
kind('HTMLEmbedElement', ['embed'], ['type', 'width', 'height'], ['src']);
for (const [name, ...names] of [['Div', 'div'], ['Span', 'span'], ['Paragraph', 'p'], ['Heading', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6'],
  ['UList', 'ul'], ['OList', 'ol'], ['LI', 'li'], ['Body', 'body'], ['Head', 'head'], ['Html', 'html'], ['Title', 'title'],
  ['Table', 'table'], ['TableRow', 'tr'], ['TableCell', 'td', 'th'], ['BR', 'br'], ['HR', 'hr'], ['Pre', 'pre'], ['Source', 'source'], ['Dialog', 'dialog']]) kind(`HTML${name}Element`, names);
class HTMLUnknownElement extends HTMLElement {}
class SVGElement extends HTMLElement {}
expose('HTMLUnknownElement', HTMLUnknownElement);
expose('SVGElement', SVGElement);
disguiseClass(HTMLElement, 'HTMLElement');
const SECTIONS = ['section', 'article', 'header', 'footer', 'nav', 'main', 'aside', 'b', 'i', 'em', 'strong', 'small', 'figure', 'figcaption', 'noscript', 'center', 'u', 's', 'code', 'mark', 'summary'];
for (const name of SECTIONS) tags[name] = HTMLElement;
const makeElement = (name, svg = false, attrs = { __proto__: null }) => {
  const p = new Record(1, name, name, attrs, '');
  if (svg) p.more = 'svg';
  return make(svg ? SVGElement : tags[name] || (find(name, '-') > 0 ? HTMLElement : HTMLUnknownElement), p);
};
const constructorOf = (name, tag, fields) => {
  const made = { [name](...given) {
    const node = makeElement(tag);
    fields.forEach((field, index) => { if (given[index] !== undefined) node[field] = given[index]; });
    return node;
  } }[name];
  const build = function (...given) { return made(...given); };
  defineProperty(build, 'prototype', { __proto__: null, value: tags[tag].prototype });
  disguise(build, name);
  defineProperty(window, name, { __proto__: null, value: build, writable: true, configurable: true });
};
constructorOf('Image', 'img', ['width', 'height']);
constructorOf('Audio', 'audio', ['src']);
constructorOf('Option', 'option', ['text', 'value']);

const setAttribute = (node, name, value) => {
  const p = P(node);
  p.attrs[name] = value;
  if (name === 'style') p.style = null;
  if (p.type === 1 && (name === 'src' || name === 'srcdoc' || name === 'content' || name === 'http-equiv' || name === 'href')) {
    if (p.tag === 'img' && name === 'src') loadsLater(node);
    else if (connected(node)) onArrival(node);
  }
};
const loadsLater = (node) => {
  const text = P(node).attrs.src ?? P(node).attrs.href ?? '';
  const bad = P(node).tag === 'img' && !/[.\/:]/.test(text);
  later(() => {
    tell(node, bad ? 'error' : 'load', Event, { bubbles: false });
    // No picture is asked for, so nobody knows: who waits for its failure is told of one, once.
    const p = P(node);
    if (bad || p.tag !== 'img' || p.failed || !('onerror' in p.attrs)) return;
    p.failed = true;
    tell(node, 'error', Event, { bubbles: false });
  }, 20, false, []);
};
// What a node does when it comes into the document, or changes there.
const onArrival = (node) => {
  const p = P(node);
  switch (p.tag) {
    case 'script': if (!p.started) startScript(node); break;
    case 'iframe': case 'frame': case 'object': case 'embed': frameCame(node); break;
    case 'meta': if (lower(trimText(p.attrs['http-equiv'] || '')) === 'refresh' && p.attrs.content) {
      intend('refresh', p.attrs.content, `,"base":${quoted(hrefOf(page.base))}`);
    } break;
    case 'base': if (p.attrs.href) page.base = addressOf(p.attrs.href, page.parts) || page.base; break;
    case 'img': case 'link': case 'svg': case 'video': case 'body': if (!p.arrived) {
      p.arrived = true;
      loadsLater(node);
    } break;
    default:
  }
};
const JAVASCRIPT = /^(?:(?:text|application)\/(?:x-)?(?:java|ecma|j|live)script(?:1\.[0-5])?|module|)$/;
const startScript = (node) => {
  const p = P(node);
  if (!JAVASCRIPT.test(lower(trimText(p.attrs.type ?? '')))) return;
  if (p.attrs.src === undefined) {
    const text = textOf(node);
    if (!text) return;
    p.started = true;
    runAs(node, state.script, text);
    return;
  }
  p.started = true;
  const address = cleaned(p.attrs.src);
  if (!address) return;
  if (/^data:/i.test(address)) {
    later(() => { runAs(node, state.script, dataText(address)); tell(node, 'load', Event, { bubbles: false }); }, 5, false, []);
    return;
  }
  if (/^blob:/i.test(address)) {
    const text = blobs.texts[cut(address, address.lastIndexOf('/') + 1)] || '';
    later(() => { runAs(node, state.script, text); tell(node, 'load', Event, { bubbles: false }); }, 5, false, []);
    return;
  }
  const target = addressOf(address, page.base);
  if (!target || !(target.protocol in SPECIAL)) return;
  const href = swap(hrefOf(target), /#.*$/, '');
  const known = page.more[href];
  if (known === undefined) {
    once('wanted', href);
    return;
  }
  const work = () => {
    if (known >= 0) runAs(node, known, inbox[`text ${known}`]);
    tell(node, known < 0 ? 'error' : 'load', Event, { bubbles: false });
  };
  if (state.writing) work();
  else later(work, 30, false, []);
};
const dataText = (address) => {
  const comma = find(address, ',');
  const head = cut(address, 5, comma);
  const body = cut(address, comma + 1);
  try {
    return /;\s*base64\s*$/i.test(head) ? fromBase64(decodeURIComponent(body)) : decodeURIComponent(body);
  } catch {
    return '';
  }
};
let running = null;
const runAs = (node, script, text) => {
  const before = [running, state.script];
  running = node;
  state.script = script;
  try {
    runText(text);
  } catch (error) {
    failed(error);
  } finally {
    flushWritten();
    [running, state.script] = before;
  }
};

// Frames: which of them lie over the page is asked at the end, when they have their size.
const frames = [];
const frameCame = (node) => {
  const p = P(node);
  const known = frames.some((one) => one.node === node);
  if (!known) put(frames, { node, script: state.script, phase: state.phase, at: floor(clock.now) });
  const src = p.attrs.src ?? p.attrs.data;
  if (src && /^javascript:/i.test(cleaned(src))) navigate('frame', src);
  if (p.attrs.srcdoc) note('written', `{"html":${quoteText(cut(p.attrs.srcdoc, 0, 65536))},"script":${state.script},"frame":true}`);
  if (!p.arrived) later(() => tell(node, 'load', Event, { bubbles: false }), 40, false, []);
  p.arrived = true;
};
const lengthOf = (value, whole_) => {
  const found = exec(/^\s*([\d.]+)\s*(px|%|vw|vh|dvh|svh|vmax|vmin)?\s*$/, asText(value ?? ''));
  if (!found) return null;
  return found[2] && found[2] !== 'px' ? Number_(found[1]) / 100 : Number_(found[1]) / whole_;
};
const shareOf = (node, name) => {
  const whole_ = page.device[name];
  const style = styleOf(node);
  const ends = name === 'width' ? ['left', 'right'] : ['top', 'bottom'];
  const stretched = style.inset !== undefined || (style[ends[0]] !== undefined && style[ends[1]] !== undefined);
  return lengthOf(style[name], whole_) ?? lengthOf(style[`min${upper(name[0])}${cut(name, 1)}`], whole_) ??
    lengthOf(P(node).attrs[name], whole_) ?? (stretched ? 1 : 0.2);
};
const placed = (node) => /^(?:fixed|absolute)$/.test(styleOf(node).position || '');
const covers = (node) => {
  let width = shareOf(node, 'width');
  let height = shareOf(node, 'height');
  let floats = placed(node);
  const style = styleOf(node);
  if (style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0') return false;
  for (let up = P(node).parent, i = 0; up && P(up).type === 1 && i < 6 && !['body', 'html'].includes(P(up).tag); up = P(up).parent, i++) {
    if (styleOf(up).display === 'none') return false;
    if (placed(up)) {
      floats = true;
      width *= shareOf(up, 'width');
      height *= shareOf(up, 'height');
    }
  }
  const alone = P(node).parent === document.body && P(document.body).kids.filter((kid) => P(kid).type === 1 && !['script', 'style'].includes(P(kid).tag)).length === 1;
  return (floats || alone) && width >= 0.9 && height >= 0.8;
};
const tellFrames = () => {
  for (const { node, script, phase, at } of frames) {
    const src = P(node).attrs.src ?? P(node).attrs.data;
    if (!src || !connected(node) || /^(?:javascript|about|data|blob):/i.test(cleaned(src))) continue;
    [state.script, state.phase] = [script, phase];
    intend('frame', cleaned(src), `,"base":${quoted(hrefOf(page.base))},"over":${covers(node)},"since":${at}`);
  }
};
const inners = new WeakMap();
const innerOf = (node) => {
  let found = mapGet(inners, node);
  if (found) return found;
  const inside = { write: (...texts) => innerWrite(texts), writeln: (...texts) => innerWrite(texts), open: () => inside, close: nothing,
    body: makeElement('body'), head: makeElement('head'), documentElement: makeElement('html'), readyState: 'complete', cookie: '',
    createElement: (name) => makeElement(lower(asText(name))), getElementById: () => null, querySelector: () => null,
    getElementsByTagName: (name) => [name === 'body' ? inside.body : inside.head], addEventListener: nothing };
  found = setPrototype({ document: inside, parent: window, top: window, frameElement: node, length: 0, postMessage: nothing,
    location: { href: 'about:blank', replace: nothing, assign: nothing, reload: nothing } }, window);
  for (const name of ['self', 'window', 'frames']) defineProperty(found, name, { __proto__: null, value: found });
  inside.defaultView = found;
  mapSet(inners, node, found);
  return found;
};
// A script written into a frame matters where it reaches out of it.
const innerWrite = (texts) => {
  const html = texts.map(asText).join('');
  tokens(html, nothing, (text, decode) => {
    if (!decode && /\b(?:top|parent|opener)\b/.test(text)) runAs(null, state.script, text);
  }, nothing);
};

const press = (node) => {
  for (const [type, Kind] of page.device.touch ? [['touchstart', TouchEvent], ['touchend', TouchEvent]] : []) {
    tell(node, type, Kind, { touches: [{ clientX: 180, clientY: 320, pageX: 180, pageY: 320, target: node }], changedTouches: [] });
  }
  for (const [type, Kind] of [['pointerdown', PointerEvent], ['mousedown', MouseEvent], ['pointerup', PointerEvent], ['mouseup', MouseEvent]]) {
    tell(node, type, Kind, { ...MOUSE, pointerType: page.device.touch ? 'touch' : 'mouse' });
  }
  if (tell(node, 'click', PointerEvent, { ...MOUSE, detail: 1 })) follow(node);
};
// A link that a script pressed is the script's wish; one that we press is the visitor's own.
let ours = null;
const follow = (node) => {
  if (!isNode(node)) return;
  const link = node.closest('a[href],area[href]');
  if (link) {
    if (link === ours && P(link).attrs.href === ours_href) return;
    navigate(/^_?blank$/i.test(P(link).attrs.target || '') ? 'open' : 'link', P(link).attrs.href);
    return;
  }
  const button = node.closest('button,input[type=submit],input[type=image]');
  const form = button && button.closest('form');
  if (form && lower(P(button).attrs.type || 'submit') !== 'button' && tell(form, 'submit', kinds.SubmitEvent)) submitForm(form, button);
};
let ours_href = '';
const pressOurs = (node) => {
  ours = node;
  ours_href = (node && isNode(node) && P(node).attrs.href) || '';
  press(node);
  ours = null;
};
