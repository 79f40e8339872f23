import type { Secret } from '../secret-operations.js';
import type { RecordView } from './print-records.js';
import { ago } from './times.js';

export const secretView: RecordView<Secret> = {
  nameOf: ({ name }) => name,
  columns: [
    { title: 'SECRET', text: ({ key }) => key },
    { title: 'VERSION', text: ({ version }) => String(version) },
    { title: 'SET', text: ({ updatedAt }) => ago(updatedAt) },
    { title: 'BY', text: ({ updatedBy }) => updatedBy },
    { title: 'EVENTS', text: ({ allowEvents }) => allowEvents.join(',') },
    { title: 'REFS', text: ({ allowRefs }) => anyOr(allowRefs) },
    { title: 'COMMANDS', wide: true, text: ({ allowCommands }) => (allowCommands ? 'yes' : 'no') },
    { title: 'IMAGES', wide: true, text: ({ allowImages }) => anyOr(allowImages) },
    { title: 'REPOS', wide: true, text: ({ allowRepos }) => anyOr(allowRepos) },
  ],
};

function anyOr(patterns: readonly string[]): string {
  return patterns.length === 0 ? 'any' : patterns.join(',');
}
