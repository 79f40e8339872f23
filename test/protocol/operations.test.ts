import assert from 'node:assert/strict';
import { Kind, parse } from 'graphql';
import * as operations from '../../src/protocol/operations.js';

describe('operations', () => {
  for (const [field, { name, query }] of Object.entries(operations)) {
    it(`${field} is one document of that name that asks for that field`, () => {
      const [definition, ...others] = parse(query).definitions;
      assert.equal(others.length, 0);
      assert.ok(definition?.kind === Kind.OPERATION_DEFINITION);
      assert.equal(definition.name?.value, name);
      const selected = definition.selectionSet.selections.map((selection) =>
        selection.kind === Kind.FIELD ? selection.name.value : selection.kind,
      );
      assert.deepEqual(selected, [field]);
    });
  }
});
