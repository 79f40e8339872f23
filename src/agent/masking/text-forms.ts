/** A value as it may stand in other texts: JSON strings, URLs, words of a shell; each without its quotes. */
export function textForms(value: string): string[] {
  return [...jsonForms(value), ...urlForms(value), ...shellForms(value)];
}

function jsonForms(value: string): string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  const ascii = escapeNonAscii(plain);
  return [plain, ascii].flatMap((text) => [
    text,
    text.replace(/\\u[0-9a-f]{4}/g, (escape) => `\\u${escape.slice(2).toUpperCase()}`),
    text.replaceAll('/', '\\/'),
    text.replace(/[<>&]/g, (character) => escapeUnit(character)),
  ]);
}

function escapeNonAscii(text: string): string {
  return text.replace(/[^\0-\x7f]/g, (unit) => escapeUnit(unit));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** What programs leave as it is: RFC 3986, JavaScript, paths, and HTML forms. */
const LEFT_IN_URLS = [/[\w.~-]/, /[\w.~!'()*-]/, /[\w.~/-]/, /[\w.*-]/];

function urlForms(value: string): string[] {
  return LEFT_IN_URLS.flatMap((left) => {
    const upper = percentEncode(value, left);
    const lower = upper.replace(/%../g, (escape) => escape.toLowerCase());
    return [upper, lower].flatMap((text) => [text, text.replaceAll('%20', '+')]);
  });
}

function percentEncode(value: string, left: RegExp): string {
  return [...Buffer.from(value)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return byte < 0x80 && left.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** What bash escapes one by one. */
const BACKSLASHED = /[ |&;()<>!{}*[\]?^$`"'\\,]|^[#~]|(?<=[:=])~/g;

/** As `set -x`, `export -p`, `declare -p` and `printf %q` of the usual shells show it. */
function shellForms(value: string): string[] {
  const doubleQuoted = value.replace(/'+/g, (quotes) => `'"${quotes}"'`);
  return [
    value.replaceAll("'", "'\\''"),
    value.replaceAll("'", `'"'"'`),
    doubleQuoted,
    doubleQuoted.replace(/'$/, ''),
    value.replace(/[\\"$`]/g, '\\$&'),
    value.replace(/[\\"$`!]/g, '\\$&'),
    value.replace(BACKSLASHED, '\\$&'),
    value.replace(/[^\w@%+=:,./\n\x80-\u{10ffff}-]/gu, '\\$&'),
    dollarQuoted(value),
  ];
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\E',
};

/** The inside of `$'…'`. */
function dollarQuoted(value: string): string {
  return value
    .replace(/[\\']/g, '\\$&')
    .replace(
      /[\0-\x1f\x7f]/g,
      (unit) => NAMED_ESCAPES[unit] ?? `\\${unit.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
}
