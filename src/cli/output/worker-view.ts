import type { Worker } from '../operations.js';
import type { Colours } from '../terminal.js';
import type { RecordView } from './print-records.js';
import { ago } from './times.js';

export const workerView: RecordView<Worker> = {
  nameOf: ({ hostname }) => hostname,
  columns: [
    { title: 'WORKER', text: ({ hostname }) => hostname },
    {
      title: 'STATUS',
      text: ({ status }) => status,
      paint: (text, { status }, colours) => paint(text, status, colours),
    },
    { title: 'BUILDS', text: ({ runningBuildIds, buildLimit }) => `${runningBuildIds.length}/${buildLimit}` },
    { title: 'TARGETS', text: ({ targets }) => targets.join(', ') },
    { title: 'SEEN', text: ({ lastCheckedInAt }) => ago(lastCheckedInAt) },
    { title: 'SINCE', wide: true, text: ({ lastStatusUpdateAt }) => ago(lastStatusUpdateAt) },
    { title: 'POOL', wide: true, text: ({ pool }) => pool?.name ?? '-' },
    {
      title: 'LABELS',
      wide: true,
      text: ({ labels }) => labels.map(({ name, value }) => `${name}=${value}`).join(', '),
    },
    { title: 'VERSION', wide: true, text: ({ version }) => version ?? '-' },
    { title: 'ID', wide: true, text: ({ id }) => id },
  ],
};

function paint(text: string, status: string, colours: Colours): string {
  if (status === 'AVAILABLE') return colours.green(text);
  return status === 'ERROR' ? colours.red(text) : text;
}
