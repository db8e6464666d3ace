/* Sets the chosen theme before the first paint.  A plain script, because a
 * module would come too late and the page would flash. */

(function () {
  try {
    const theme = localStorage.getItem('mesh.theme');

    if (theme === 'light' || theme === 'dark') {
      document.documentElement.dataset.theme = theme;
    }
  }
  catch {
    /* Storage is switched off: the system decides. */
  }
}());
