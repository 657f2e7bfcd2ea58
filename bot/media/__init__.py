"""What people send us: is it a video or an image that Wan accepts?"""
