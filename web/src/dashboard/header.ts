// Which run it is, how far it is, and whether its program still answers.
import { element } from '../dom';
import { shortNumber } from './charts';
import { type Line, numberOf, type Run } from './run';

function duration(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export class Header {
  private readonly name = element('h1', {}, 'r1 train');
  private readonly progress = element('progress', { hidden: true, 'aria-label': 'Steps done' });
  private readonly place = element('p', { class: 'place' }, 'No step is done yet.');
  private readonly gone = element(
    'p',
    { class: 'gone', role: 'status', hidden: true },
    'The run does not answer: it has ended, or its program was stopped.',
  );
  private readonly recipe = element('pre');
  readonly view = element(
    'header',
    {},
    this.name,
    this.place,
    this.progress,
    this.gone,
    element('details', {}, element('summary', {}, 'Recipe'), this.recipe),
  );

  showRun(run: Run): void {
    this.name.textContent = run.name;
    this.recipe.textContent = run.recipe;
    document.title = `${run.name} · r1 train`;
  }

  /** `seconds`: what a step takes of late. */
  showStep(line: Line | undefined, seconds: number | null): void {
    const done = numberOf(line, 'stage_step');
    const all = numberOf(line, 'stage_steps');
    if (done === null) return;
    const parts = [`${String(line?.stage ?? '')} ${done}${all === null ? '' : ` of ${all}`}`];
    const speed = numberOf(line, 'tokens_per_second');
    if (speed !== null) parts.push(`${shortNumber(speed)} tokens/s`);
    const share = numberOf(line, 'peak_share');
    if (share !== null) parts.push(`${Math.round(100 * share)} % of the matrix peak`);
    if (seconds !== null) parts.push(`${shortNumber(seconds)} s a step`);
    if (seconds !== null && all !== null) parts.push(`${duration(seconds * (all - done))} left`);
    this.place.textContent = parts.join(' · ');
    if (all === null) return;
    this.progress.hidden = false;
    this.progress.max = all;
    this.progress.value = done;
  }

  showConnection(answers: boolean): void {
    this.gone.hidden = answers;
  }
}
