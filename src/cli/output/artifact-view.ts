import type { Artifact } from '../operations.js';
import type { RecordView } from './print-records.js';

export const artifactView: RecordView<Artifact> = {
  nameOf: ({ path }) => path,
  columns: [
    { title: 'STEP', text: ({ step }) => String(step) },
    { title: 'PATH', text: ({ path }) => path },
    { title: 'BYTES', text: ({ bytes }) => String(bytes) },
    { title: 'SHA256', text: ({ sha256 }) => sha256.slice(0, 12) },
    { title: 'ID', wide: true, text: ({ id }) => id },
  ],
};
