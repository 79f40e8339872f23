import { parentPort } from 'node:worker_threads';
import { compileSource, type CompileRequest } from './compile-source.js';

// The body of a compiler's thread: one answer for each request. What throws is a defect and ends the thread.
parentPort?.on('message', (request: CompileRequest) => parentPort?.postMessage(compileSource(request)));
