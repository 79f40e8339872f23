import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { checkCaFile } from '../../src/git/ca-file.js';
import { scratchDir } from '../repos/scratch-repo.js';
import { CertificateAuthority } from '../support/git-servers/certificate-authority.js';
import { requiresCommand } from '../support/skip.js';

describe('checkCaFile', () => {
  const scratch = scratchDir();

  it('gives the absolute path of a file of certificates', async function () {
    requiresCommand('openssl', this);
    const { file } = new CertificateAuthority(scratch.path);
    const checked = await checkCaFile(relative('.', file));
    assert.equal(checked, file);
    assert.ok(isAbsolute(checked));
    assert.equal(await checkCaFile(undefined), undefined);
  });

  for (const [name, content, reason] of [
    ['is not there', null, /it cannot be read/],
    ['is empty', '', /there is no certificate in it/],
    [
      'has a broken certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      /a certificate in it cannot be read/,
    ],
  ] as const) {
    it(`refuses a file that ${name}`, async () => {
      const file = join(scratch.path, 'file.pem');
      if (content !== null) writeFileSync(file, content);
      await assert.rejects(checkCaFile(file), reason);
    });
  }
});
