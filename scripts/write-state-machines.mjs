// Writes docs/state-machines.md from the transition tables of src. Needs a build; a test holds the page to the tables.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { stateMachinesPage } from '../dist/test/docs/state-machines-page.js';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
writeFileSync('docs/state-machines.md', await stateMachinesPage());
