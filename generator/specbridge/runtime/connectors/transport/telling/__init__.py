"""What may be told of requests and answers: their routes, and the shape of what came back."""
