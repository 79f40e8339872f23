import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  parse,
  specifiedRules,
  validate,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
} from 'graphql';
import { apiSchema, printApiSchema } from '../../src/graphql/index.js';
import { LIMIT_RULES } from '../../src/graphql/limits/limit-rules.js';
import * as operations from '../../src/protocol/operations.js';

const OWN_TYPES = Object.values(apiSchema().getTypeMap()).filter((type) => !isIntrospectionType(type));
const BUILT_IN = ['Boolean', 'Float', 'ID', 'Int', 'String'];

describe('the schema', () => {
  it('is what schema/schema.graphql says', () => {
    const [, ...lines] = readFileSync('schema/schema.graphql', 'utf8').split('\n');
    assert.equal(lines.join('\n'), `\n${printApiSchema()}`);
  });

  it('describes every type, field and argument', () => {
    const named = OWN_TYPES.filter(({ name }) => !BUILT_IN.includes(name) && !ROOTS.has(name));
    const bare = [
      ...named.filter((type) => !type.description).map(({ name }) => name),
      ...OWN_TYPES.flatMap(bareParts),
    ];
    assert.deepEqual(bare, []);
    assert.ok(named.length > 40, `only ${named.length} types were looked at`);
  });

  it('shows nothing that is kept secret', () => {
    const names = OWN_TYPES.flatMap((type) => (isObjectType(type) ? Object.keys(type.getFields()) : []));
    const secrets = [
      'hash',
      'identityKey',
      'keyThumbprint',
      'secretEnveloped',
      'resultSha256',
      'failure',
      'labelMap',
    ];
    assert.deepEqual(
      names.filter((name) => secrets.includes(name)),
      [],
    );
  });

  for (const { name, query } of Object.values(operations).filter(isOperation)) {
    it(`answers the agent's operation ${name}`, () => {
      assert.deepEqual(validate(apiSchema(), parse(query), [...specifiedRules, ...LIMIT_RULES]), []);
    });
  }
});

const ROOTS = new Set(['Query', 'Mutation', 'Subscription']);

function bareParts(type: GraphQLNamedType): string[] {
  if (isEnumType(type) || !(isObjectType(type) || isInputObjectType(type))) return [];
  const fields: (GraphQLInputField | GraphQLField<unknown, unknown>)[] = Object.values(type.getFields());
  return fields.flatMap((field) => [
    ...(field.description ? [] : [`${type.name}.${field.name}`]),
    ...('args' in field ? field.args : [])
      .filter(({ description }) => !description)
      .map((argument) => `${type.name}.${field.name}(${argument.name})`),
  ]);
}

function isOperation(value: unknown): value is { name: string; query: string } {
  return typeof value === 'object' && value !== null && 'query' in value;
}
