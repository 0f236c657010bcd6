// The tree: nodes, elements, and what finds them.

let P; // the record of a node; throws for what is none
let making = false;
const illegal = (name) => new TypeError_(name ? `Failed to construct '${name}': Illegal constructor` : 'Illegal invocation');
class Node extends EventTarget {
  #p;
  static {
    P = (node) => node.#p;
    this.is = (node) => typeof node === 'object' && node !== null && #p in node;
  }
  constructor(p) {
    super();
    if (!making) throw illegal('Node');
    this.#p = p;
  }
  get nodeType() { return P(this).type; }
  get nodeName() { return P(this).type === 1 ? this.tagName : P(this).name; }
  get nodeValue() { return P(this).type === 3 || P(this).type === 8 ? P(this).data : null; }
  set nodeValue(text) { if (P(this).type !== 1) P(this).data = asText(text); }
  get ownerDocument() { return P(this).type === 9 ? null : document; }
  get parentNode() { return P(this).parent; }
  get parentElement() {
    const up = P(this).parent;
    return up && P(up).type === 1 ? up : null;
  }
  get childNodes() { return listOf(NodeList, P(this).kids); }
  get firstChild() { return P(this).kids[0] || null; }
  get lastChild() { return P(this).kids[P(this).kids.length - 1] || null; }
  get nextSibling() { return beside(this, 1); }
  get previousSibling() { return beside(this, -1); }
  get isConnected() { return connected(this); }
  get baseURI() { return hrefOf(page.base); }
  get textContent() { return P(this).type === 9 ? null : textOf(this); }
  set textContent(text) {
    if (P(this).type !== 1 && P(this).type !== 11) P(this).data = asText(text);
    else setText(this, asText(text));
  }
  appendChild(child) { return insert(this, child, null); }
  insertBefore(child, before) { return insert(this, child, before || null); }
  removeChild(child) {
    if (P(child).parent !== this) throw new DOMException('The node to be removed is not a child of this node.', 'NotFoundError');
    detach(child);
    return child;
  }
  replaceChild(child, old) {
    insert(this, child, old);
    detach(old);
    return old;
  }
  cloneNode(deep) { return copyOf(this, !!deep); }
  hasChildNodes() { return P(this).kids.length > 0; }
  contains(other) {
    for (let at = other; at; at = P(at).parent) if (at === this) return true;
    return false;
  }
  compareDocumentPosition(other) { return other === this ? 0 : 4; }
  isSameNode(other) { return other === this; }
  isEqualNode(other) { return other === this; }
  getRootNode() { return rootOf(this); }
  normalize() {}
}
const isNode = Node.is;
delete Node.is;
for (const [name, value] of [['ELEMENT_NODE', 1], ['TEXT_NODE', 3], ['COMMENT_NODE', 8], ['DOCUMENT_NODE', 9], ['DOCUMENT_FRAGMENT_NODE', 11]]) {
  for (const on of [Node, Node.prototype]) defineProperty(on, name, { __proto__: null, value, enumerable: true });
}
// A class, since a literal without a prototype is a dictionary to V8: four times as dear. What it does
// not have it does not have from Object either.
class Record {
  constructor(type, name, tag, attrs, data) {
    this.type = type;
    this.name = name;
    this.tag = tag;
    this.attrs = attrs;
    this.kids = [];
    this.parent = null;
    this.data = data;
    this.started = this.arrived = this.failed = false;
    this.style = this.value = this.more = null;
  }
}
setPrototype(Record.prototype, null);
delete Record.prototype.constructor;
const NO_ATTRIBUTES = Object.freeze({ __proto__: null });
const recordOf = (type, name) => new Record(type, name, '', NO_ATTRIBUTES, '');
const make = (Kind, p) => {
  making = true;
  try {
    return new Kind(p);
  } finally {
    making = false;
  }
};
class NodeList {}
class HTMLCollection {}
for (const Kind of [NodeList, HTMLCollection]) {
  for (const name of ['forEach', 'entries', 'keys', 'values']) Kind.prototype[name] = Array.prototype[name];
  Kind.prototype[Symbol.iterator] = Array.prototype[Symbol.iterator];
  Kind.prototype.item = { item(index) { return this[index] || null; } }.item;
  Kind.prototype.namedItem = { namedItem(name) { for (const one of this) if (one.id === name) return one; return null; } }.namedItem;
  expose(Kind.name, Kind);
}
const listOf = (Kind, nodes) => {
  const list = new Kind();
  for (let i = 0; i < nodes.length; i++) defineProperty(list, i, { __proto__: null, value: nodes[i], enumerable: true, configurable: true });
  defineProperty(list, 'length', { __proto__: null, value: nodes.length, configurable: true });
  return list;
};
const beside = (node, step) => {
  const up = P(node).parent;
  if (!up) return null;
  const kids = P(up).kids;
  for (let i = 0; i < kids.length; i++) if (kids[i] === node) return kids[i + step] || null;
  return null;
};
const rootOf = (node) => {
  let at = node;
  for (let i = 0; i < 5000 && P(at).parent; i++) at = P(at).parent;
  return at;
};
const connected = (node) => rootOf(node) === document;
const seenTag = (target) => (isNode(target) ? P(target).tag : '');
const attributeOf = (target, name) => {
  const node = target === window ? document && document.body : target;
  return isNode(node) && P(node).type === 1 && name in P(node).attrs ? P(node).attrs[name] : null;
};
const pathOf = (target) => {
  const path = [target];
  if (isNode(target)) {
    for (let at = P(target).parent; at && path.length < 1000; at = P(at).parent) put(path, at);
    if (path[path.length - 1] === document) put(path, window);
  }
  return path;
};
const walk = (top, visit) => {
  const kids = P(top).kids;
  for (let i = 0; i < kids.length; i++) {
    if (visit(kids[i])) return kids[i];
    const found = P(kids[i]).kids.length ? walk(kids[i], visit) : null;
    if (found) return found;
  }
  return null;
};
const textOf = (node) => {
  const p = P(node);
  if (p.type === 3) return p.data;
  let text = '';
  for (let i = 0; i < p.kids.length; i++) if (P(p.kids[i]).type !== 8) text += textOf(p.kids[i]);
  return text;
};
const makeText = (text) => make(Text, new Record(3, '#text', '', NO_ATTRIBUTES, asText(text)));
const setText = (node, text) => {
  for (const kid of [...P(node).kids]) detach(kid);
  if (text) insert(node, makeText(text), null);
};
const detach = (node) => {
  const up = P(node).parent;
  if (!up) return;
  P(up).kids = without(P(up).kids, node);
  P(node).parent = null;
};
const MOST_NODES = 20000;
let inserts = 0;
const insert = (parent, child, before) => {
  if (!isNode(child)) throw new TypeError_("Failed to execute 'appendChild' on 'Node': parameter 1 is not of type 'Node'.");
  if (++inserts > MOST_NODES * 4) {
    state.cut = state.cut || 'nodes';
    throw new DOMException('Too many nodes', 'QuotaExceededError');
  }
  if (P(child).type === 11) {
    for (const kid of [...P(child).kids]) insert(parent, kid, before);
    return child;
  }
  for (let at = parent; at; at = P(at).parent) {
    if (at === child) throw new DOMException('The new child element contains the parent.', 'HierarchyRequestError');
  }
  detach(child);
  const kids = P(parent).kids;
  const rest = [];
  for (let i = 0; i < kids.length; i++) {
    if (kids[i] === before) put(rest, child);
    put(rest, kids[i]);
  }
  if (!before || rest.length === kids.length) put(rest, child);
  P(parent).kids = rest;
  P(child).parent = parent;
  if (connected(parent)) arrived(child);
  return child;
};
const arrived = (node) => {
  if (P(node).type !== 1) {
    const up = P(node).parent;
    if (up && P(up).tag === 'script') onArrival(up);
    return;
  }
  onArrival(node);
  for (const kid of [...P(node).kids]) if (P(kid).type === 1) arrived(kid);
};
const copyOf = (node, deep) => {
  const p = P(node);
  const copy = p.type === 1 ? makeElement(p.tag) : p.type === 3 ? makeText(p.data) : make(DocumentFragment, recordOf(11, '#document-fragment'));
  for (const name in p.attrs) P(copy).attrs[name] = p.attrs[name];
  if (deep) for (const kid of p.kids) insert(copy, copyOf(kid, true), null);
  return copy;
};
class CharacterData extends Node {
  get data() { return P(this).data; }
  set data(text) { P(this).data = asText(text); }
  get length() { return P(this).data.length; }
}
class Text extends CharacterData {}
class Comment extends CharacterData {}
class DOMException extends Error {
  #name;
  constructor(message = '', name = 'Error') {
    super(message);
    this.#name = name;
  }
  get name() { return this.#name; }
  get code() { return 0; }
}
const toNode = (one) => (isNode(one) ? one : makeText(one));
const parentMixin = {
  get children() { return listOf(HTMLCollection, P(this).kids.filter((kid) => P(kid).type === 1)); },
  get childElementCount() { return this.children.length; },
  get firstElementChild() { return this.children[0] || null; },
  get lastElementChild() { return this.children[this.children.length - 1] || null; },
  append(...nodes) { for (const one of nodes) insert(this, toNode(one), null); },
  prepend(...nodes) { for (const one of nodes.reverse()) insert(this, toNode(one), this.firstChild); },
  replaceChildren(...nodes) {
    for (const kid of [...P(this).kids]) detach(kid);
    for (const one of nodes) insert(this, toNode(one), null);
  },
  querySelector(text) { return select(this, text, true)[0] || null; },
  querySelectorAll(text) { return listOf(NodeList, select(this, text, false)); },
  getElementsByTagName(name) {
    const wanted = lower(asText(name));
    return listOf(HTMLCollection, collect(this, (p) => wanted === '*' || p.tag === wanted));
  },
  getElementsByClassName(names) {
    const wanted = divide(trimText(asText(names)), /\s+/);
    return listOf(HTMLCollection, collect(this, (p) => wanted.every((one) => classesOf(p).includes(one))));
  },
};
const collect = (top, fits) => {
  const found = [];
  walk(top, (node) => {
    if (P(node).type === 1 && fits(P(node), node)) put(found, node);
    return false;
  });
  return found;
};
const classesOf = (p) => divide(trimText(p.attrs.class || ''), /\s+/);
class DocumentFragment extends Node {}
exposeAll(parentMixin, DocumentFragment.prototype);

class DOMTokenList {
  #node;
  #name;
  constructor(node, name) {
    this.#node = node;
    this.#name = name;
  }
  #all() { return divide(trimText(P(this.#node).attrs[this.#name] || ''), /\s+/).filter((one) => one); }
  #keep(all) { P(this.#node).attrs[this.#name] = all.join(' '); }
  get length() { return this.#all().length; }
  get value() { return this.#all().join(' '); }
  set value(text) { this.#keep(divide(asText(text), ' ')); }
  item(index) { return this.#all()[index] ?? null; }
  contains(name) { return this.#all().includes(asText(name)); }
  add(...names) { this.#keep([...new Set([...this.#all(), ...names.map(asText)])]); }
  remove(...names) { this.#keep(this.#all().filter((one) => !names.includes(one))); }
  toggle(name, force) {
    const on = force === undefined ? !this.contains(name) : !!force;
    if (on) this.add(name);
    else this.remove(name);
    return on;
  }
  replace(old, name) { if (this.contains(old)) { this.remove(old); this.add(name); return true; } return false; }
  forEach(each) { this.#all().forEach(each); }
  [Symbol.iterator]() { return this.#all()[Symbol.iterator](); }
  toString() { return this.value; }
}
class CSSStyleDeclaration {
  constructor(text) {
    defineProperty(this, 'cssText', { __proto__: null, enumerable: true, configurable: true,
      get: () => getOwnNames(this).filter((name) => name !== 'cssText').map((name) => `${name}: ${this[name]};`).join(' '),
      set: (css) => { for (const part of divide(asText(css), ';')) {
        const at = find(part, ':');
        if (at > 0) this.setProperty(trimText(cut(part, 0, at)), trimText(cut(part, at + 1)));
      } } });
    this.cssText = text;
  }
  get length() { return getOwnNames(this).length - 1; }
  setProperty(name, value) { this[camel(asText(name))] = swap(asText(value), /\s*!important/, ''); }
  getPropertyValue(name) { return this[camel(asText(name))] ?? ''; }
  getPropertyPriority() { return ''; }
  removeProperty(name) { delete this[camel(asText(name))]; return ''; }
}
const camel = (name) => swap(name, /-([a-z])/g, (_, letter) => upper(letter));
const styleOf = (node) => (P(node).style = P(node).style || new CSSStyleDeclaration(P(node).attrs.style || ''));

class Element extends Node {
  get tagName() { return P(this).more === 'svg' ? P(this).tag : upper(P(this).tag); }
  get localName() { return P(this).tag; }
  get namespaceURI() { return P(this).more === 'svg' ? 'http://www.w3.org/2000/svg' : 'http://www.w3.org/1999/xhtml'; }
  get id() { return P(this).attrs.id || ''; }
  set id(text) { P(this).attrs.id = asText(text); }
  get className() { return P(this).attrs.class || ''; }
  set className(text) { P(this).attrs.class = asText(text); }
  get classList() { return new DOMTokenList(this, 'class'); }
  get attributes() {
    return Object.keys(P(this).attrs).map((name) => ({ name, value: P(this).attrs[name], nodeName: name, nodeValue: P(this).attrs[name] }));
  }
  get innerHTML() { return P(this).kids.map(outerOf).join(''); }
  set innerHTML(html) {
    for (const kid of [...P(this).kids]) detach(kid);
    write(this, asText(html), null);
  }
  get outerHTML() { return outerOf(this); }
  set outerHTML(html) {
    const up = P(this).parent;
    if (!up) return;
    write(up, asText(html), this);
    detach(this);
  }
  get nextElementSibling() { return step(this, 'nextSibling'); }
  get previousElementSibling() { return step(this, 'previousSibling'); }
  get clientWidth() { return boxOf(this).width; }
  get clientHeight() { return boxOf(this).height; }
  get scrollWidth() { return boxOf(this).width; }
  get scrollHeight() { return P(this).tag === 'html' || P(this).tag === 'body' ? 2400 : boxOf(this).height; }
  get scrollTop() { return 0; }
  set scrollTop(value) {}
  get scrollLeft() { return 0; }
  set scrollLeft(value) {}
  get shadowRoot() { return null; }
  getAttribute(name) { return P(this).attrs[lower(asText(name))] ?? null; }
  getAttributeNames() { return Object.keys(P(this).attrs); }
  getAttributeNode(name) { return this.hasAttribute(name) ? { name, value: this.getAttribute(name) } : null; }
  hasAttribute(name) { return lower(asText(name)) in P(this).attrs; }
  hasAttributes() { return Object.keys(P(this).attrs).length > 0; }
  setAttribute(name, value) { setAttribute(this, lower(asText(name)), asText(value)); }
  setAttributeNS(space, name, value) { setAttribute(this, lower(asText(name)), asText(value)); }
  removeAttribute(name) { delete P(this).attrs[lower(asText(name))]; }
  toggleAttribute(name, force) {
    const on = force === undefined ? !this.hasAttribute(name) : force;
    if (on) this.setAttribute(name, '');
    else this.removeAttribute(name);
    return on;
  }
  matches(text) { return matches(this, text); }
  webkitMatchesSelector(text) { return matches(this, text); }
  closest(text) {
    for (let at = this; at && P(at).type === 1; at = P(at).parent) if (matches(at, text)) return at;
    return null;
  }
  insertAdjacentHTML(where, html) {
    const [parent, before] = placeOf(this, where);
    if (parent) write(parent, asText(html), before);
  }
  insertAdjacentElement(where, node) {
    const [parent, before] = placeOf(this, where);
    return parent ? insert(parent, node, before) : null;
  }
  insertAdjacentText(where, text) { this.insertAdjacentElement(where, makeText(text)); }
  attachShadow() { return make(DocumentFragment, recordOf(11, '#document-fragment')); }
  getBoundingClientRect() {
    const box = boxOf(this);
    return { x: 0, y: 0, left: 0, top: 0, right: box.width, bottom: box.height, ...box, toJSON: nothing };
  }
  getClientRects() { return [this.getBoundingClientRect()]; }
  scrollIntoView() {}
  scrollTo() {}
  scrollBy() {}
  scroll() {}
  animate() { return { play: nothing, pause: nothing, cancel: nothing, finished: Promise.resolve(), onfinish: null }; }
  remove() { detach(this); }
  before(...nodes) { for (const one of nodes) insert(P(this).parent, toNode(one), this); }
  after(...nodes) { for (const one of nodes) insert(P(this).parent, toNode(one), this.nextSibling); }
  replaceWith(...nodes) {
    this.before(...nodes);
    detach(this);
  }
  setPointerCapture() {}
  requestFullscreen() { return Promise.reject(new TypeError_('fullscreen error')); }
}
exposeAll(parentMixin, Element.prototype);
const step = (node, way) => {
  let at = node[way];
  while (at && P(at).type !== 1) at = at[way];
  return at;
};
const placeOf = (node, where) => {
  switch (lower(asText(where))) {
    case 'beforebegin': return [P(node).parent, node];
    case 'afterbegin': return [node, node.firstChild];
    case 'afterend': return [P(node).parent, node.nextSibling];
    default: return [node, null];
  }
};
const boxOf = (node) => {
  const large = ['html', 'body'].includes(P(node).tag);
  return { width: large ? page.device.width : 300, height: large ? page.device.height : 150 };
};
for (const name of ['remove', 'before', 'after', 'replaceWith']) {
  defineProperty(CharacterData.prototype, name, getDescriptor(Element.prototype, name));
}
for (const [name, Kind] of Object.entries({ Node, CharacterData, Text, Comment, DOMException, DocumentFragment, DOMTokenList, CSSStyleDeclaration, Element })) expose(name, Kind);
giveHandlers(Element.prototype);

// Selectors: what scripts commonly write. What is not understood matches nothing.
const COMPOUND = /^(?:([a-zA-Z][\w-]*|\*)|#([\w-]+)|\.([\w-]+)|\[\s*([\w-]+)\s*(?:([~|^$*]?=)\s*(?:"([^"]*)"|'([^']*)'|([^\]\s]*)))?\s*i?\]|:not\(([^)]*)\)|::?([\w-]+)(?:\([^)]*\))?)/;
const selectors = new Map();
const compiled = (text) => {
  let found = selectors.get(text);
  if (!found) {
    found = divide(text, ',').map((part) => compileOne(trimText(part)));
    if (selectors.size < 500) selectors.set(text, found);
  }
  return found;
};
const compileOne = (text) => {
  const steps = [];
  let rest = text;
  let way = '';
  while (rest) {
    const gap = exec(/^\s*([>+~])?\s*/, rest);
    if (steps.length) way = gap[1] || ' ';
    rest = cut(rest, gap[0].length);
    const tests = [];
    let part;
    while ((part = exec(COMPOUND, rest))) {
      put(tests, part);
      rest = cut(rest, part[0].length);
    }
    if (!tests.length) throw new DOMException(`'${text}' is not a valid selector.`, 'SyntaxError');
    put(steps, { way, tests });
  }
  return steps;
};
const fits = (node, part) => {
  const p = P(node);
  if (part[1]) return part[1] === '*' || p.tag === lower(part[1]);
  if (part[2]) return p.attrs.id === part[2];
  if (part[3]) return classesOf(p).includes(part[3]);
  if (part[4]) return attributeFits(p.attrs[lower(part[4])], part[5], part[6] ?? part[7] ?? part[8]);
  if (part[9] !== undefined) return !matches(node, part[9]);
  if (part[10] === 'first-child') return node.previousElementSibling === null;
  if (part[10] === 'last-child') return node.nextElementSibling === null;
  return part[10] === 'link' || part[10] === 'root' ? p.tag === 'html' || p.tag === 'a' : part[10] === 'enabled';
};
const attributeFits = (value, how, wanted) => {
  if (value === undefined) return false;
  switch (how) {
    case undefined: return true;
    case '=': return value === wanted;
    case '^=': return value.startsWith(wanted);
    case '$=': return value.endsWith(wanted);
    case '*=': return value.includes(wanted);
    case '~=': return divide(value, /\s+/).includes(wanted);
    default: return value === wanted || value.startsWith(`${wanted}-`);
  }
};
const reaches = (node, steps, last) => {
  if (!steps[last].tests.every((part) => fits(node, part))) return false;
  if (last === 0) return true;
  const up = (at) => (P(at).parent && P(P(at).parent).type === 1 ? P(at).parent : null);
  switch (steps[last].way) {
    case '>': return up(node) !== null && reaches(up(node), steps, last - 1);
    case '+': return node.previousElementSibling !== null && reaches(node.previousElementSibling, steps, last - 1);
    case '~':
      for (let at = node.previousElementSibling; at; at = at.previousElementSibling) if (reaches(at, steps, last - 1)) return true;
      return false;
    default:
      for (let at = up(node); at; at = up(at)) if (reaches(at, steps, last - 1)) return true;
      return false;
  }
};
const matches = (node, text) => compiled(asText(text)).some((steps) => reaches(node, steps, steps.length - 1));
const select = (top, text, first) => {
  const ways = compiled(asText(text));
  const found = [];
  walk(top, (node) => {
    if (P(node).type === 1 && ways.some((steps) => reaches(node, steps, steps.length - 1))) put(found, node);
    return first && found.length > 0;
  });
  return found;
};
