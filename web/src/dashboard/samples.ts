// Answers of the model to read, the newest first.
import { element, textButton } from '../dom';
import { shortNumber } from './charts';
import { type Line, numberOf } from './run';

const SHOWN = 12;
const KEPT = 1000;

function text(line: Line, key: string): string {
  const value = line[key];
  return value === undefined || value === null ? '' : String(value);
}

function card(line: Line): HTMLElement {
  const facts = [`${text(line, 'stage')} step ${text(line, 'step')}`];
  if (line.measured !== undefined) facts.push('held out');
  if (line.task !== undefined) facts.push(text(line, 'task'));
  const reward = numberOf(line, 'reward');
  if (reward !== null) facts.push(`reward ${shortNumber(reward)}`);
  if (line.correct !== undefined) facts.push(line.correct === true ? 'right' : 'wrong');
  const tokens = numberOf(line, 'tokens');
  if (tokens !== null) facts.push(`${tokens} tokens${line.truncated === true ? ', cut off' : ''}`);
  const mark = line.correct === true ? ' right' : line.correct === false ? ' wrong' : '';
  return element(
    'article',
    { class: `sample${mark}` },
    element('p', { class: 'facts' }, facts.join(' · ')),
    element('pre', { class: 'prompt', tabindex: 0 }, text(line, 'prompt')),
    element('pre', { class: 'response', tabindex: 0 }, text(line, 'response')),
    line.answer !== undefined &&
      element('p', { class: 'facts' }, `The answer is ${text(line, 'answer')}`),
  );
}

export class Samples {
  private lines: Line[] = [];
  private shown = SHOWN;
  private readonly none = element('p', { class: 'about' }, 'None yet.');
  private readonly list = element('div', { class: 'samples' });
  private readonly only = element('select', { change: () => this.draw() });
  private readonly more = textButton('Show more', () => this.showMore(), { hidden: true });
  readonly view = element(
    'section',
    { 'aria-label': 'Samples' },
    element('label', { class: 'filter' }, 'Show ', this.only),
    this.none,
    this.list,
    element('p', { class: 'more' }, this.more),
  );

  constructor() {
    const choices = { all: 'all', right: 'right answers', wrong: 'wrong answers', held: 'held out' };
    for (const [value, label] of Object.entries(choices)) {
      this.only.append(element('option', { value }, label));
    }
  }

  clear(stage: string): void {
    this.lines = this.lines.filter((line) => line.stage !== stage);
    this.draw();
  }

  add(lines: Line[]): void {
    this.lines = this.lines.concat(lines).slice(-KEPT);
    this.draw();
  }

  private showMore(): void {
    this.shown *= 2;
    this.draw();
  }

  private draw(): void {
    const wanted = (line: Line): boolean =>
      this.only.value === 'all' ||
      (this.only.value === 'held' && line.measured !== undefined) ||
      (this.only.value === 'right' && line.correct === true) ||
      (this.only.value === 'wrong' && line.correct === false);
    const all = this.lines.filter(wanted);
    const shown = all.slice(-this.shown).reverse();
    this.more.hidden = shown.length === all.length;
    this.none.hidden = shown.length > 0;
    this.list.replaceChildren(...shown.map(card));
  }
}
