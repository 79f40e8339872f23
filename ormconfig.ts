import 'reflect-metadata';
import { createDataSource } from './src/database/data-source.js';

/** For TypeORM's own command line (after a build: `npx typeorm -d dist/ormconfig.js migration:show`). */
export default createDataSource({ url: process.env['DATABASE_URL'] ?? 'postgres://localhost/slipway' });
