// Runs before the first paint, so that no wrong theme flashes up.
import { showTheme } from './settings';

showTheme();
