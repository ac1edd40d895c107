"use strict";
/* What htmx tells nobody: that the console does not answer any more. */
document.addEventListener("htmx:sendError", () => {
  const told = document.createElement("p");
  told.className = "sheet note";
  told.setAttribute("role", "alert");
  told.textContent = "The console does not answer: nothing was done. Load the page again.";
  document.getElementById("told").replaceChildren(told);
});
