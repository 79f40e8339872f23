import { exportPrivateKey, generateKeyPair } from '../../src/protocol/identity.js';
import { KeyPurpose } from '../../src/protocol/messages.js';
import { importTokenKeys, importTokenSigningKey } from '../../src/protocol/token-keys.js';
import type { ServerKeys } from '../../src/tokens/server-keys.js';

/** Token keys as a server has them, without a database. */
export async function makeTokenKeys(): Promise<
  Pick<ServerKeys, 'workerTokenKey' | 'buildTokenKey' | 'tokenKeys'>
> {
  const [worker, build] = [generateKeyPair(), generateKeyPair()];
  const notAfter = '2100-01-01T00:00:00Z';
  return {
    workerTokenKey: await importTokenSigningKey('w', exportPrivateKey(worker.privateKey)),
    buildTokenKey: await importTokenSigningKey('b', exportPrivateKey(build.privateKey)),
    tokenKeys: await importTokenKeys({
      version: 1,
      keys: [
        { kid: 'w', purpose: KeyPurpose.WORKER_TOKEN, publicKey: worker.publicKey, notAfter },
        { kid: 'b', purpose: KeyPurpose.BUILD_TOKEN, publicKey: build.publicKey, notAfter },
      ],
    }),
  };
}
