import assert from 'node:assert/strict';
import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  isLeafType,
  isEnumType,
  isNonNullType,
  isScalarType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
} from 'graphql';
import { apiSchema } from '../../src/graphql/index.js';
import { testDatabase } from '../support/database.js';
import { testApi } from './support/test-api.js';

const BAD_TEXTS = { 'a NUL byte': 'a\0b', 'half of a surrogate pair': 'a\ud800b' };
/** Only these are judged item by item, by the session: one bad row among 99 good ones must not cost the others. */
const OF_WORKERS = [
  'acceptBuilds',
  'appendLogs',
  'finishBuilds',
  'heartbeat',
  'refuseBuilds',
  'reportReady',
  'startBuilds',
  'updateSteps',
];

describe('text that cannot be stored', () => {
  const database = testDatabase();
  const api = testApi(database);
  const schema = apiSchema();
  const roots = [
    ['query', schema.getQueryType()],
    ['mutation', schema.getMutationType()],
  ] as const;

  for (const [kind, root] of roots) {
    for (const field of Object.values(root?.getFields() ?? {}).filter(
      ({ name }) => !OF_WORKERS.includes(name),
    )) {
      for (const place of field.args.flatMap((argument) => placesOf(argument))) {
        for (const [what, text] of Object.entries(BAD_TEXTS)) {
          it(`such as ${what} is refused in ${field.name}(${place.path})`, async () => {
            const { query, variables } = operationWith(kind, field, place, text);
            const { code, errors } = await api.ask(query, variables);
            assert.equal(code, 'VALIDATION_FAILED', JSON.stringify(errors));
            const [problem] = errors[0]?.extensions['problems'] as { field: string }[];
            assert.match(problem?.field ?? '', new RegExp(place.path.split('.')[0] ?? ''));
          });
        }
      }
    }
  }

  it('is refused in literals too', async () => {
    const { code } = await api.ask('{ repo(org: "a\\u0000b", name: "x") { id } }');
    assert.equal(code, 'VALIDATION_FAILED');
  });

  it('is refused on sockets too', async () => {
    const client = await api.person();
    const { payload } = await client.run('query ($org: String!) { repo(org: $org, name: "x") { id } }', {
      org: 'a\0b',
    });
    assert.equal(
      (payload as unknown as { extensions: { code: string } }[])[0]?.extensions.code,
      'VALIDATION_FAILED',
    );
  });
});

/** A text somewhere in the arguments of a field. */
interface Place {
  readonly argument: GraphQLArgument;
  readonly path: string;
  readonly put: (text: string) => unknown;
}

function placesOf(argument: GraphQLArgument): Place[] {
  return textsIn(argument.type, argument.name).map(({ path, put }) => ({ argument, path, put }));
}

function textsIn(type: GraphQLInputType, path: string): { path: string; put: (text: string) => unknown }[] {
  const bare = getNullableType(type);
  if (isListType(bare)) {
    const inner = textsIn(bare.ofType, path);
    return inner.map(({ path: inside, put }) => ({ path: inside, put: (text: string) => [put(text)] }));
  }
  if (isInputObjectType(bare)) {
    const fields = Object.values(bare.getFields());
    const needed = Object.fromEntries(
      fields
        .filter((field) => isNonNullType(field.type) && field.defaultValue === undefined)
        .map((field) => [field.name, sample(field.type)]),
    );
    return fields.flatMap((field) =>
      textsIn(field.type, `${path}.${field.name}`).map(({ path: inside, put }) => ({
        path: inside,
        put: (text: string) => ({ ...needed, [field.name]: put(text) }),
      })),
    );
  }
  const isText = isScalarType(bare) && ['String', 'ID'].includes(bare.name);
  return isText ? [{ path, put: (text: string) => text }] : [];
}

/** A value of a type, so that what is needed beside the bad text is there. */
function sample(type: GraphQLInputType): unknown {
  const bare = getNullableType(type);
  if (isListType(bare)) return [];
  if (isEnumType(bare)) return bare.getValues()[0]?.name;
  if (isLeafType(bare)) return ['Int', 'Float'].includes(bare.name) ? 1 : 'x';
  return isInputObjectType(bare) ? {} : null;
}

function operationWith(
  kind: string,
  field: GraphQLField<unknown, unknown>,
  place: Place,
  text: string,
): { query: string; variables: Record<string, unknown> } {
  const needed = field.args.filter((argument) => argument === place.argument || isNonNullType(argument.type));
  const declared = needed.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ');
  const given = needed.map(({ name }) => `${name}: $${name}`).join(', ');
  const selection = isLeafType(getNamedType(field.type)) ? '' : '{ __typename }';
  const variables = Object.fromEntries(
    needed.map((argument) => [
      argument.name,
      argument === place.argument ? place.put(text) : sample(argument.type),
    ]),
  );
  return { query: `${kind} (${declared}) { ${field.name}(${given}) ${selection} }`, variables };
}
