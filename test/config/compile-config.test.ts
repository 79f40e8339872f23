import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ValidationError } from '../../src/base/errors.js';
import { compileServerConfig } from '../../src/config/compile-server-config.js';
import { knownNames } from '../../src/config/programs.js';
import { serverOptions } from '../../src/config/server-options.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
const sound = { DATABASE_URL: 'postgres://u:p4ssw0rd@127.0.0.1/db', SLIPWAY_MASTER_KEY: KEY };

function problemsOf(env: Record<string, string | undefined>, flags = {}): ValidationError {
  try {
    compileServerConfig(env, flags);
  } catch (error) {
    assert(error instanceof ValidationError);
    return error;
  }
  return assert.fail('the settings were taken');
}

describe('compileServerConfig', () => {
  it('gives every option its default and turns seconds into milliseconds', () => {
    const config = compileServerConfig(sound);
    assert.equal(config.port, 8470);
    assert.equal(config.leaseMs, 60_000);
    assert.equal(config.adminToken, undefined);
    assert.deepEqual(config.origins, []);
    assert.deepEqual(config.masterKey, new Uint8Array(32).fill(7));
  });

  it('gives a configuration that nobody can change', () => {
    const config = compileServerConfig({ ...sound, SLIPWAY_ORIGINS: 'https://a.example, http://b:1' });
    assert(Object.isFrozen(config) && Object.isFrozen(config.origins));
    assert.deepEqual(config.origins, ['https://a.example', 'http://b:1']);
  });

  it('lets a flag win over its variable, and names the flag when it does not fit', () => {
    assert.equal(compileServerConfig({ ...sound, SLIPWAY_PORT: '1' }, { port: '2' }).port, 2);
    const [problem] = problemsOf({ ...sound, SLIPWAY_PORT: '1' }, { port: 'two' }).problems;
    assert.deepEqual(problem, {
      field: '--port',
      value: 'two',
      expected: 'a whole number from 0 to 65535',
    });
  });

  it('counts an empty variable as not set', () => {
    assert.equal(compileServerConfig({ ...sound, SLIPWAY_PORT: ' ' }).port, 8470);
  });

  it('names every problem at once', () => {
    const env = {
      SLIPWAY_PORT: '99999',
      SLIPWAY_LEASE_S: 'long',
      SLIPWAY_PROT: '1',
      SLIPWAY_MASTER_KEY: 'x',
    };
    const fields = problemsOf(env).problems.map(({ field }) => field);
    assert.deepEqual(fields.sort(), [
      'DATABASE_URL',
      'SLIPWAY_LEASE_S',
      'SLIPWAY_MASTER_KEY',
      'SLIPWAY_PORT',
      'SLIPWAY_PROT',
    ]);
  });

  it('suggests what an unknown name was meant to be', () => {
    assert.match(problemsOf({ ...sound, SLIPWAY_PROT: '1' }).message, /did you mean SLIPWAY_PORT\?/);
    assert.doesNotMatch(problemsOf({ ...sound, SLIPWAY_XYZZY_PLUGH: '1' }).message, /did you mean/);
  });

  it('refuses a lease that one late heartbeat would end', () => {
    assert.match(
      problemsOf({ ...sound, SLIPWAY_LEASE_S: '29', SLIPWAY_HEARTBEAT_S: '10' }).message,
      /SLIPWAY_LEASE_S: got "29", expected at least 30 seconds/,
    );
  });

  it('repeats no secret in a message, nor the value of an unknown name', () => {
    const env = {
      DATABASE_URL: 'mysql://u:hunter2@h/db',
      SLIPWAY_MASTER_KEY: 'hunter2',
      SLIPWAY_ADMIN_TOKEN: 'swu_hunter2',
      SLIPWAY_MASTERKEY: 'hunter2',
    };
    const error = problemsOf(env);
    assert.equal(error.problems.length, 4);
    assert.doesNotMatch(JSON.stringify(error.problems) + error.message, /hunter2/);
  });

  it('refuses every name that it does not know, whatever it is', () => {
    const unknown = fc.stringMatching(/^SLIPWAY_[A-Z_]{0,20}$/).filter((name) => !knownNames.includes(name));
    fc.assert(
      fc.property(unknown, fc.string(), (name, value) => {
        const { problems } = problemsOf({ ...sound, [name]: value });
        assert.deepEqual(
          problems.map(({ field }) => field),
          [name],
        );
      }),
    );
  });

  it('takes or refuses any text, and never gives a value that its bounds forbid', () => {
    const numeric = Object.entries(serverOptions).filter(([, { kind }]) =>
      ['integer', 'seconds'].includes(kind.name),
    );
    assert(numeric.length > 5);
    fc.assert(
      fc.property(
        fc.constantFrom(...numeric),
        fc.oneof(fc.string(), fc.float().map(String)),
        (option, text) => {
          const value = option[1].kind.parse(text);
          assert(
            value === undefined || (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0),
          );
        },
      ),
    );
  });
});
