import { ReportReader } from '../../application/ports/report-reader';
import { readCoverage } from './coverage/read-coverage';
import { readImages } from './image/read-images';
import { readLayout } from './image/read-layout';
import { readReportFile } from './report-file';
import { readSarif } from './sarif/read-sarif';
import { readTestReports } from './tests/read-test-reports';

/** Reports as tools write them, each read by the reader of its format. */
export class BoundedReportReader extends ReportReader {
  override file = readReportFile;
  override security = readSarif;
  override coverage = readCoverage;
  override tests = readTestReports;
  override images = readImages;
  override layout = readLayout;
}
