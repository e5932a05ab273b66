import { describeArtifactStore } from './artifact-store.contract';
import { artifactFiles, artifactsInLog } from './support/artifact-places';
import { eventStoreDbPeerAdapter } from './support/eventstoredb-adapter';
import { postgresAdapter } from './support/postgres-adapter';
import { SQLITE } from './support/sqlite-adapter';

jest.setTimeout(60_000);

describeArtifactStore('files', artifactFiles);
describeArtifactStore('in a log on SQLite', () => artifactsInLog(SQLITE));

const postgres = postgresAdapter();
describeArtifactStore('in a log on PostgreSQL', () => artifactsInLog(postgres));

const eventStoreDb = eventStoreDbPeerAdapter();
describeArtifactStore('in a log on EventStoreDB', () => artifactsInLog(eventStoreDb));
