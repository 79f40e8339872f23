import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLEnumType, type GraphQLSchema, parse, validate } from 'graphql';
import { JOB_STATES } from '../../src/cli/job-state.js';
import * as builds from '../../src/cli/operations.js';
import * as secrets from '../../src/cli/secret-operations.js';
import { waitingWords } from '../../src/cli/output/waiting-words.js';

const operations = { ...builds, ...secrets };

describe('the operations of the command line', () => {
  let schema: GraphQLSchema;
  before(() => (schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'))));

  for (const operation of Object.values(operations)) {
    it(`fit the schema: ${operation.name}`, () => {
      assert.deepEqual(validate(schema, parse(operation.query)).map(String), []);
    });
  }

  it('are named as they are called', () => {
    for (const { name, query } of Object.values(operations)) {
      const [definition] = parse(query).definitions;
      assert(definition !== undefined && 'operation' in definition && definition.name?.value === name, name);
    }
  });

  it('know every state of a job', () => {
    const states = schema.getType('JobState') as GraphQLEnumType;
    assert.deepEqual(
      JOB_STATES.toSorted(),
      states
        .getValues()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  it('have words for every reason why a job waits', () => {
    const reasons = schema.getType('WaitingReason') as GraphQLEnumType;
    for (const { name } of reasons.getValues()) assert.notEqual(waitingWords(name), name);
  });
});
