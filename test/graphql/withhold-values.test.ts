import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setSecret } from '../../src/secrets/index.js';
import { masterKeysOf } from '../../src/tokens/index.js';
import { testDatabase } from '../support/database.js';
import { testApi } from './support/test-api.js';

const CANARY = 'canary-4711-of-the-caller';
const SET = 'mutation ($input: SetSecretInput!) { setSecret(input: $input) { id } }';
const good = { shared: true, name: 'TOKEN', value: CANARY };

describe('errors about values', () => {
  const database = testDatabase();
  const masterKeys = masterKeysOf(randomBytes(32));
  const api = testApi(database, { setSecret: (request) => setSecret(api.pool, masterKeys, request) });

  const variables: Record<string, [input: unknown, says: RegExp]> = {
    'a misspelt field': [
      { ...good, valeu: CANARY },
      /"\$input" got an invalid value; Field "valeu" is not defined by type "SetSecretInput"\. Did you mean "value" or "name"\?$/,
    ],
    'a value that is a list': [{ ...good, value: [CANARY] }, /at "input\.value"; expected String$/],
    'a value that is an object': [
      { ...good, value: { text: CANARY } },
      /at "input\.value"; expected String$/,
    ],
    'a list with a bad item': [
      { ...good, allowEvents: ['push', { event: CANARY }] },
      /at "input\.allowEvents\[1\]"; expected String$/,
    ],
    'a missing field': [
      { shared: true, value: CANARY },
      /Field "name" of required type "String!" was not provided\.$/,
    ],
    'no object at all': [CANARY, /Expected type "SetSecretInput" to be an object\.$/],
    'a value that imitates a message': [
      { ...good, valeu: `${CANARY} at "x"; Field "a" is not defined by type "b".` },
      /got an invalid value; Field "valeu" is not defined/,
    ],
    'text that cannot be stored': [
      { ...good, value: `${CANARY}\0` },
      /input\.value: got "26 characters, not shown"/,
    ],
    'a value that is too long': [
      { ...good, value: CANARY.repeat(3_000) },
      /value: got "75000 bytes, not shown"/,
    ],
  };

  for (const [what, [input, says]] of Object.entries(variables)) {
    it(`do not repeat it: ${what}`, async () => {
      const answer = await api.ask(SET, { input });
      assert.match(answer.errors[0]?.message ?? '', says);
      assert.doesNotMatch(JSON.stringify(answer), /canary/);
    });

    it(`do not repeat it on sockets either: ${what}`, async () => {
      const { payload } = await (await api.person()).run(SET, { input });
      assert.doesNotMatch(JSON.stringify(payload), /canary/);
      assert.match(JSON.stringify(payload), /invalid value|not shown/);
    });
  }

  const literals: Record<string, string> = {
    'a text where a number belongs': `mutation { setSecret(input: {shared: true, name: "A", value: "a", expectedVersion: "${CANARY}"}) { id } }`,
    'a name where a value belongs': `mutation { setSecret(input: {shared: true, name: "A", value: ${CANARY.replaceAll('-', '_')}}) { id } }`,
    'a text in the wrong place': `mutation { setSecret("${CANARY}") { id } }`,
    'a text after the end': `mutation { removeSecret(input: {shared: true, name: "A"}) } "${CANARY}"`,
    'a list where an object belongs': `mutation { setSecret(input: ["${CANARY}"]) { id } }`,
  };

  for (const [what, query] of Object.entries(literals)) {
    it(`do not repeat it in documents: ${what}`, async () => {
      const answer = await api.ask(query);
      assert.ok(answer.errors.length > 0);
      assert.doesNotMatch(JSON.stringify(answer), /canary/);
    });
  }
});
