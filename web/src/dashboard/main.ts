// The live page of a training run: its figures as they come, and samples to read.
import { element } from '../dom';
import { Charts } from './charts';
import { Header } from './header';
import { Log, type Line, numberOf, readRun } from './run';
import { Samples } from './samples';

const SECONDS_BETWEEN_LOOKS = 2;
const STEPS_OF_LATE = 20;

const header = new Header();
const charts = new Charts();
const samples = new Samples();
document.body.append(
  header.view,
  element('main', {}, charts.view, element('h2', {}, 'Samples'), samples.view),
);

const metrics = new Log('metrics');
let lately: number[] = []; // seconds of the last steps
const sampleLogs = new Map<string, Log>();

async function look(): Promise<void> {
  const run = await readRun();
  header.showRun(run);
  const steps = await metrics.read();
  if (steps.restarted) {
    charts.clear();
    lately = [];
  }
  if (steps.lines.length > 0 || steps.restarted) {
    charts.add(steps.lines);
    const seconds = steps.lines.flatMap((line) => numberOf(line, 'seconds') ?? []);
    lately = [...lately, ...seconds].slice(-STEPS_OF_LATE);
    const middle = lately.toSorted((a, b) => a - b)[lately.length >> 1] ?? null;
    header.showStep(steps.lines.at(-1), middle);
  }
  for (const stage of run.samples) {
    const log = sampleLogs.get(stage) ?? new Log(`samples?stage=${encodeURIComponent(stage)}`);
    sampleLogs.set(stage, log);
    const found = await log.read();
    if (found.restarted) samples.clear(stage);
    const named = (line: Line): Line => ({ stage, ...line });
    if (found.lines.length > 0) samples.add(found.lines.map(named));
  }
}

async function keepLooking(): Promise<void> {
  for (;;) {
    if (!document.hidden) {
      await look().then(
        () => header.showConnection(true),
        () => header.showConnection(false),
      );
    }
    await new Promise((resume) => setTimeout(resume, SECONDS_BETWEEN_LOOKS * 1000));
  }
}

void keepLooking();
