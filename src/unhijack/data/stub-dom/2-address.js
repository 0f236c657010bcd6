// Addresses, near enough to the standard for scripts; what counts is resolved again outside.

const SPECIAL = bare({ 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21' });
const ABSOLUTE = /^([a-zA-Z][a-zA-Z0-9+.-]*:)([\s\S]*)$/;
const PARTS = /^([\\/]{2}(?:([^\\/?#]*)@)?(\[[^\]]*\]|[^\\/?#:]*)(?::(\d*))?)?([^?#]*)(\?[^#]*)?(#[\s\S]*)?$/;

// Letter by letter: a page may have changed every expression there is.
const cleaned = (text) => {
  const given = cut(asText(text), 0, 1 << 20);
  let from = 0;
  let to = given.length;
  while (from < to && given[from] <= ' ') from++;
  while (to > from && given[to - 1] <= ' ') to--;
  let kept = '';
  for (let i = from; i < to; i++) {
    const letter = given[i];
    if (letter !== '\t' && letter !== '\n' && letter !== '\r') kept += letter;
  }
  return kept;
};
const dotless = (path) => {
  const kept = [];
  const all = divide(swap(path, /\\/g, '/'), '/');
  for (let i = 1; i < all.length; i++) {
    const part = lower(swap(all[i], /%2e/gi, '.'));
    const last = i === all.length - 1;
    if (part === '..') {
      if (kept.length) kept.length--;
      if (last) put(kept, '');
    } else if (part === '.') {
      if (last) put(kept, '');
    } else put(kept, all[i]);
  }
  return swap(`/${join(kept, '/')}`, /[ "<>`{}]/g, encodeURIComponent);
};
const addressOf = (text, base) => {
  const given = cleaned(text);
  const absolute = exec(ABSOLUTE, given);
  let scheme = absolute ? lower(absolute[1]) : base ? base.protocol : '';
  if (!scheme) return null;
  let rest = absolute ? absolute[2] : given;
  if (!(scheme in SPECIAL)) {
    if (!absolute) return null;
    const found = exec(/^([^?#]*)(\?[^#]*)?(#[\s\S]*)?$/, rest);
    return bare({ protocol: scheme, username: '', password: '', hostname: '', port: '',
      pathname: found[1], search: found[2] || '', hash: found[3] || '' });
  }
  if (absolute && base && scheme === base.protocol && !/^[\\/]/.test(rest)) {
    // https:path on an https page is relative
  } else if (absolute) rest = `//${swap(rest, /^[\\/]*/, '')}`;
  const found = exec(PARTS, rest);
  if (!found) return null;
  const parts = bare({ protocol: scheme, username: '', password: '', hostname: '', port: '',
    pathname: '/', search: found[6] === '?' ? '' : found[6] || '',
    hash: found[7] === '#' ? '' : found[7] || '' });
  if (found[1]) {
    if (!found[3]) return null;
    parts.username = found[2] ? divide(found[2], ':')[0] : '';
    parts.hostname = lower(found[3]);
    parts.port = found[4] && found[4] !== SPECIAL[scheme] ? found[4] : '';
    parts.pathname = dotless(/^[\\/]/.test(found[5]) ? found[5] : `/${found[5]}`);
    return parts;
  }
  parts.hostname = base.hostname;
  parts.port = base.port;
  if (!found[5]) {
    parts.pathname = base.pathname;
    if (!found[6]) parts.search = base.search;
  } else if (/^[\\/]/.test(found[5])) parts.pathname = dotless(found[5]);
  else parts.pathname = dotless(swap(base.pathname, /[^/]*$/, '') + found[5]);
  return parts;
};
const hostOf = (a) => a.hostname + (a.port ? `:${a.port}` : '');
const originOf = (a) => (a.protocol in SPECIAL ? `${a.protocol}//${hostOf(a)}` : 'null');
const hrefOf = (a) => (a.protocol in SPECIAL
  ? `${originOf(a)}${a.pathname}${a.search}${a.hash}`
  : `${a.protocol}${a.pathname}${a.search}${a.hash}`);
const marked = (mark, text) => (text === '' ? '' : text[0] === mark ? text : mark + text);

const decoded = (text) => {
  try {
    return decodeURIComponent(swap(text, /\+/g, ' '));
  } catch {
    return text;
  }
};
class URLSearchParams {
  #list = [];
  #tell = nothing;
  constructor(init = '', tell = nothing) {
    this.#tell = tell;
    if (typeof init === 'object' && init !== null) {
      const pairs = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init);
      for (const [name, value] of pairs) put(this.#list, [asText(name), asText(value)]);
    } else {
      for (const part of divide(swap(asText(init), /^\?/, ''), '&')) {
        if (!part) continue;
        const at = find(part, '=');
        put(this.#list, at < 0 ? [decoded(part), ''] : [decoded(cut(part, 0, at)), decoded(cut(part, at + 1))]);
      }
    }
  }
  get(name) {
    for (const pair of this.#list) if (pair[0] === asText(name)) return pair[1];
    return null;
  }
  getAll(name) { return this.#list.filter((pair) => pair[0] === asText(name)).map((pair) => pair[1]); }
  has(name) { return this.get(name) !== null; }
  append(name, value) { put(this.#list, [asText(name), asText(value)]); this.#tell(this); }
  delete(name) { this.#list = this.#list.filter((pair) => pair[0] !== asText(name)); this.#tell(this); }
  set(name, value) {
    const found = this.#list.find((pair) => pair[0] === asText(name));
    if (found) found[1] = asText(value);
    else put(this.#list, [asText(name), asText(value)]);
    this.#tell(this);
  }
  sort() { this.#list.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)); }
  forEach(each, self) { for (const [name, value] of this.#list) apply(each, self, [value, name, this]); }
  keys() { return this.#list.map((pair) => pair[0])[Symbol.iterator](); }
  values() { return this.#list.map((pair) => pair[1])[Symbol.iterator](); }
  entries() { return this.#list.map((pair) => [...pair])[Symbol.iterator](); }
  [Symbol.iterator]() { return this.entries(); }
  get size() { return this.#list.length; }
  toString() {
    const code = (text) => swap(encodeURIComponent(text), /%20/g, '+');
    return join(this.#list.map((pair) => `${code(pair[0])}=${code(pair[1])}`), '&');
  }
}
class URL {
  #parts;
  #query;
  constructor(text, base) {
    const from = base === undefined ? null : addressOf(base, null);
    this.#parts = addressOf(text, from);
    if (!this.#parts || (base !== undefined && !from)) {
      throw new TypeError_(`Failed to construct 'URL': Invalid URL`);
    }
  }
  static canParse(text, base) {
    return addressOf(text, base === undefined ? null : addressOf(base, null)) !== null;
  }
  static createObjectURL(blob) { return `blob:${originOf(page.parts)}/${blobs.keep(blob)}`; }
  static revokeObjectURL() {}
  get href() { return hrefOf(this.#parts); }
  set href(text) { this.#parts = addressOf(text, null) || this.#parts; }
  get origin() { return originOf(this.#parts); }
  get protocol() { return this.#parts.protocol; }
  set protocol(text) { this.#parts.protocol = swap(asText(text), /:?$/, ':'); }
  get host() { return hostOf(this.#parts); }
  set host(text) {
    const [name, port] = divide(asText(text), ':');
    this.#parts.hostname = name;
    this.#parts.port = port || '';
  }
  get hostname() { return this.#parts.hostname; }
  set hostname(text) { this.#parts.hostname = lower(asText(text)); }
  get port() { return this.#parts.port; }
  set port(text) { this.#parts.port = asText(text); }
  get pathname() { return this.#parts.pathname; }
  set pathname(text) { this.#parts.pathname = dotless(marked('/', asText(text)) || '/'); }
  get search() { return this.#parts.search; }
  set search(text) { this.#parts.search = marked('?', asText(text)); }
  get hash() { return this.#parts.hash; }
  set hash(text) { this.#parts.hash = marked('#', asText(text)); }
  get username() { return this.#parts.username; }
  get password() { return this.#parts.password; }
  get searchParams() {
    this.#query = this.#query || new URLSearchParams(this.#parts.search, (all) => {
      this.#parts.search = marked('?', all.toString());
    });
    return this.#query;
  }
  toString() { return this.href; }
  toJSON() { return this.href; }
}
expose('URL', URL);
expose('webkitURL', URL);
expose('URLSearchParams', URLSearchParams);
