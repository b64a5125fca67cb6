// Runs at CloudFront for every request of the web application's files: it gives the application for each of its own
// paths, such as /tasks/42. A path whose last part has a dot in it is a file's name, and is left as it is.
function handler(event) {
    var request = event.request;
    var last = request.uri.slice(request.uri.lastIndexOf('/') + 1);
    if (last.indexOf('.') === -1) {
        request.uri = '/index.html';
    }
    return request;
}
