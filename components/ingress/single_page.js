// Runs at CloudFront for every viewer request for the web application's files: a client-side path such as /tasks/42
// gets the application. A path whose last segment contains a dot is a file name and stays unchanged.
function handler(event) {
    var request = event.request;
    var last = request.uri.slice(request.uri.lastIndexOf('/') + 1);
    if (last.indexOf('.') === -1) {
        request.uri = '/index.html';
    }
    return request;
}
