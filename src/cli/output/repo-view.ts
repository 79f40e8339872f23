import type { Repo } from '../operations.js';
import type { RecordView } from './print-records.js';
import { ago, precisely } from './times.js';

export const repoView: RecordView<Repo> = {
  nameOf: ({ fullName }) => fullName,
  columns: [
    { title: 'REPO', text: ({ fullName }) => fullName },
    { title: 'BRANCH', text: ({ defaultBranch }) => defaultBranch },
    { title: 'URL', text: ({ cloneUrl }) => cloneUrl },
    { title: 'ADDED', text: ({ createdAt }) => ago(createdAt) },
    { title: 'ACTIVE', wide: true, text: ({ active }) => (active ? 'yes' : 'no') },
    { title: 'LIMIT', wide: true, text: ({ buildLimit }) => String(buildLimit) },
    { title: 'TIMEOUT', wide: true, text: ({ timeoutMs }) => precisely(timeoutMs) },
    { title: 'ID', wide: true, text: ({ id }) => id },
  ],
};
