// Writes docs/configuration.md from the tables of src/config. Needs a build; a test holds the page to the tables.
import { mkdirSync, writeFileSync } from 'node:fs';
import { configurationPage } from '../dist/src/config/configuration-page.js';

const page = new URL('../docs/configuration.md', import.meta.url);
mkdirSync(new URL('.', page), { recursive: true });
writeFileSync(page, configurationPage());
