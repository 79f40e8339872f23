/** Where the value is, as graphql-js and graphql-jit say it. */
const PLACE = String.raw`(?: at "([\w.[\]]+)")?; `;
/** What they say of a variable is told on, as far as it comes from the schema. */
const REASONS = [
  String.raw`Field "\w+" is not defined by type "?\w+"?\.(?: Did you mean ["\w, ]+\?)?`,
  String.raw`Field "?[\w.[\]]+"? of required type "?[\w![\]]+"? was not provided\.`,
  String.raw`Expected (?:non-nullable )?type "?[\w![\]]+"?(?: not to be null(?: at [\w.[\]]+)?| to be an object)?\.`,
];
const OF_SCHEMA = new RegExp(`${PLACE}(${REASONS.join('|')})$`);
const OF_VALUE = new RegExp(`${PLACE}(?:Expected type \\w+; )?(\\w+) cannot represent `);

/**
 * A message of GraphQL without the values that it repeats: a secret under a misspelt name must not stand in an error.
 * Names of fields and types stay, since they are what a caller needs to find the mistake.
 */
export function withholdValues(message: string): string {
  const [, variable] = /^Variable "(\$\w+)" got invalid value /.exec(message) ?? [];
  if (variable !== undefined) return describeVariable(variable, message);
  return message
    .replace(/\b(found|Unexpected) ((?:Block)?String|Int|Float|Name) "[^]*"/, '$1 $2')
    .replace(/, found [^]*\.$/, '.')
    .replace(/( cannot represent [^:]*): [^]*$/, '$1');
}

function describeVariable(variable: string, message: string): string {
  const [, place, reason] = OF_SCHEMA.exec(message) ?? OF_VALUE.exec(message) ?? [];
  const at = place === undefined ? '' : ` at "${place}"`;
  const why = reason === undefined ? '' : reason.includes(' ') ? `; ${reason}` : `; expected ${reason}`;
  return `Variable "${variable}" got an invalid value${at}${why}`;
}
