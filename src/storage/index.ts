export { FolderStore } from './folder-store.js';
export type { ByteRange, ObjectStore, StoredObject } from './object-store.js';
