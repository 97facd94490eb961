// SPDX-License-Identifier: Apache-2.0
// The print link opens the browser's own dialogue. Without this it leads to the sheet alone.

document.addEventListener("click", (event) => {
  if (event.target.closest?.("a[data-print]")) {
    event.preventDefault();
    window.print();
  }
});
